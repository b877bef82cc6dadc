import { luaLayout } from './layout.ts';

/**
 * Lua that begins every script of ours which writes more than once. Redis does not take back what a script has done
 * when a later command is refused, so whatever may be refused is asked for before the first write:
 *
 * - `read` is `redis.call` for reading; what Redis refuses is raised with the command and the key's name.
 * - `permit(key, commands)` raises unless the user may run these commands. Redis 7 answers that; before, each is called
 *   on a key that does not exist, in a form that changes nothing.
 * - `permitPush` is the same for LPUSH and RPUSH, which have no such form: on a key that exists and is no list.
 * - `whole` and `signed` read a number of ours: nil where somebody else wrote what we never would; `text` writes one.
 * - `checkLayout(state)` raises unless the list has the layout that this version knows (layout.ts): first of all.
 * - `withoutMemory` makes a first write that changes nothing and needs no memory: after one a script may go on although
 *   Redis is out of memory.
 *
 * READONLY, MISCONF and NOREPLICAS meet the first write or none.
 */
export const luaGuard = `
local function refuse(reason) error(reason, 0) end
local function read(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) == 'table' and answer['err'] then
    refuse(answer['err'] .. ' (' .. command .. ' ' .. key .. ')')
  end
  return answer
end
${luaLayout}
local harmless = {
  ['XADD'] = {'none', 'f', 'v'}, ['XACK'] = {'g', '0-1'}, ['XDEL'] = {'0-1'}, ['XTRIM'] = {'MAXLEN', '0'},
  ['XCLAIM'] = {'g', 'c', '0', '0-1'}, ['XRANGE'] = {'-', '+'}, ['XPENDING'] = {'g'}, ['XINFO GROUPS'] = {},
  ['XINFO CONSUMERS'] = {'g'}, ['XGROUP CREATE'] = {'g', '0'}, ['XGROUP SETID'] = {'g', '0'},
  ['XGROUP DESTROY'] = {'g'}, ['XGROUP DELCONSUMER'] = {'g', 'c'}, ['HSET'] = {'f', 'v', 'f'}, ['HDEL'] = {'f'},
  ['HGET'] = {'f'}, ['HMGET'] = {'f'}, ['HKEYS'] = {}, ['HLEN'] = {}, ['HSTRLEN'] = {'f'}, ['HEXISTS'] = {'f'}, ['HGETALL'] = {}, ['ZRANGEBYSCORE'] = {'0', '0'}, ['LPOP'] = {}, ['LRANGE'] = {'0', '0'},
  ['UNLINK'] = {}, ['DEL'] = {}, ['PERSIST'] = {}, ['RENAMENX'] = {'@'}, ['ZADD'] = {'none', 'm'}, ['ZREM'] = {'m'}, ['ZRANGE'] = {'0', '0'},
}
local unharmed = {'no such key', 'requires the key to exist', 'NOGROUP', 'not a valid float', 'Invalid stream ID',
  'wrong number of arguments', 'WRONGTYPE'}
local function orRefuse(answer, command, key)
  if answer == true then return end
  if type(answer) == 'table' and answer['err'] then
    for _, text in ipairs(unharmed) do if string.find(answer['err'], text, 1, true) then return end end
    refuse(answer['err'] .. ' (' .. command .. ' ' .. key .. ')')
  end
  if answer == false and redis.acl_check_cmd then
    refuse('NOPERM this user may not run ' .. command .. ' on ' .. key)
  end
end
-- A key that does not exist, in the same slot of a cluster.
local function beside(key)
  return (string.find(key, '{', 1, true) and key or '{' .. key .. '}') .. ':none'
end
local function permit(key, ...)
  for _, command in ipairs({...}) do
    local words = {}
    for word in string.gmatch(command, '%S+') do words[#words + 1] = word end
    if redis.acl_check_cmd then
      words[#words + 1] = key
      orRefuse(redis.acl_check_cmd(unpack(words)), command, key)
    else
      words[#words + 1] = beside(key)
      for _, argument in ipairs(harmless[command]) do words[#words + 1] = argument == '@' and beside(key) or argument end
      orRefuse(redis.pcall(unpack(words)), command, key)
    end
  end
end
local function permitPush(key, command, other)
  if redis.acl_check_cmd then orRefuse(redis.acl_check_cmd(command, key, ''), command, key)
  else orRefuse(redis.pcall(command, other, ''), command, key) end
end

local function whole(text)
  return text and #text <= 15 and string.match(text, '^%d+$') and tonumber(text) or nil
end
local function signed(text)
  local digits = text and string.match(text, '^%-?(%d+)$')
  return digits and #digits <= 15 and tonumber(text) or nil
end
local function text(number) return string.format('%.0f', number) end
local function withoutMemory(key) redis.call('PERSIST', beside(key)) end
`;
