import { luaGuard } from '../../../redis/guard.ts';
import { script } from '../../../redis/script.ts';

/** KEYS: 1 letters, 2 state. ARGV: record ids. Returns their letters without the records' bytes, '' where there is none. */
export const headersScript = script(`${luaGuard}
checkLayout(KEYS[2])
local headers = {}
for i = 1, #ARGV do
  local letter = redis.call('HGET', KEYS[1], ARGV[i]) or ''
  headers[i] = string.sub(letter, 1, string.find(letter, '\\n', 1, true) or 0)
end
return headers
`);
