import { describe, expect, it } from 'vitest';
import type { Exchange } from '#source';
import { Counting } from '../shared/diagnosis/counting.ts';
import { filtersOf } from '../shared/diagnosis/filters.ts';
import { newTally } from '../shared/wire/conversation.ts';
import { Conversations } from './conversations.ts';
import { textOf } from './ebpf.testing.ts';
import type { Piece } from './loader/frames.ts';
import type { ProcessFacts } from './watch/processes.ts';
import { Traffic } from './workloads/traffic.ts';

const nginx: ProcessFacts = {
  ...{ pid: 7, parent: 1, start: 100, uid: 33, name: 'nginx', program: '/usr/sbin/nginx' },
  ...{ container: 'ab12cd34ef56'.padEnd(64, '0'), libraries: [], unseen: [], isReadable: true },
};
const local = { address: '10.0.0.1', port: 443 };
const remote = { address: '10.0.0.9', port: 50_123 };

/** Connections of one process, said line by line. */
class Script {
  readonly exchanges: Exchange[] = [];
  readonly tally = newTally();
  readonly traffic = new Traffic();
  readonly conversations: Conversations;
  readonly #offsets = new Map<string, number>();
  #time = 1000;

  constructor(directions = { in: true, out: true }) {
    this.conversations = new Conversations({
      counting: new Counting('ebpf'),
      filters: filtersOf({ ports: [], hosts: [], paths: [] }),
      ...{ tally: this.tally, bodyLimit: 1000, copies: undefined, directions },
      processOf: (pid) => (pid === nginx.pid ? nginx : undefined),
      trafficOf: () => this.traffic,
      record: (exchange) => this.exchanges.push(exchange),
    });
    this.conversations.setClock(1_796_000_000_000);
  }

  read = (text: string, given: Partial<Piece> = {}): this => this.#say('read', text, given);
  write = (text: string, given: Partial<Piece> = {}): this => this.#say('write', text, given);

  /** So many bytes were not seen. */
  lose(direction: Piece['direction'], length: number, connection = 'c'): this {
    const key = `${connection} ${direction}`;
    this.#offsets.set(key, (this.#offsets.get(key) ?? 0) + length);
    return this;
  }

  tell(kind: 'closed' | 'address', given: Partial<Piece> = {}): this {
    this.conversations.piece(this.#piece('read', Buffer.alloc(0), 0, { kind, ...given }));
    return this;
  }

  #say(direction: Piece['direction'], text: string, given: Partial<Piece>): this {
    const bytes = Buffer.from(text, 'latin1');
    const key = `${given.connection ?? 'c'} ${direction}`;
    const offset = this.#offsets.get(key) ?? 0;
    this.#offsets.set(key, offset + bytes.length);
    const piece = this.#piece(direction, bytes, offset, given);
    this.conversations.piece(piece);
    // What was lent is written over, as the next chunk of the loader does.
    piece.bytes.fill('#');
    return this;
  }

  #piece(
    direction: Piece['direction'],
    bytes: Buffer,
    offset: number,
    given: Partial<Piece>,
  ): Piece {
    this.#time += 10;
    return {
      ...{
        kind: 'data',
        connection: 'c',
        pid: nginx.pid,
        direction,
        time: this.#time,
        offset,
        bytes,
        start: 0,
        end: bytes.length,
      },
      ...{ local, remote },
      ...given,
    };
  }
}

const request = 'GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

describe('what watched processes say', () => {
  it('makes a call of what a server reads and writes', () => {
    const { exchanges } = new Script().read(request).write(answer);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({
      source: 'ebpf',
      direction: 'in',
      startedAt: 1_796_000_001_010,
      latency: { total: 10, upstream: 10 },
      client: remote,
      server: local,
      scheme: 'https',
      isOpaque: false,
      request: { method: 'GET', target: '/a?b=1', host: 'shop.example' },
      response: { status: 200 },
      error: undefined,
      call: {
        apiId: 'nginx',
        apiName: 'nginx',
        tags: ['cap-process-nginx', 'cap-pid-7', 'cap-container-ab12cd34ef56'],
      },
    });
    expect(textOf(exchanges[0]?.response?.body)).toBe('hello');
  });

  it('makes a call of what a client writes and reads, though its address comes behind it', () => {
    const nowhere = { local: undefined, remote: undefined };
    const { exchanges } = new Script()
      .write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n', nowhere)
      .write('abc', nowhere)
      .tell('address')
      .read(answer);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({ direction: 'out', client: local, server: remote });
    expect(textOf(exchanges[0]?.request.body)).toBe('abc');
  });

  it('makes a call without addresses where nobody says them', () => {
    const nowhere = { local: undefined, remote: undefined };
    const { exchanges } = new Script().write(request, nowhere).read(answer, nowhere);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({ direction: 'out', server: undefined });
  });

  it('begins at the next request of a connection that was under way', () => {
    const { exchanges } = new Script().write('rest of an answer').read(request).write(answer);
    expect(exchanges.map(({ request: { target } }) => target)).toEqual(['/a?b=1']);
  });

  it('keeps calls apart that follow each other, and those of other connections', () => {
    const other = { connection: 'd' };
    const { exchanges } = new Script()
      .read(request.replace('/a', '/1'))
      .read(request.replace('/a', '/2'), other)
      .write(answer)
      .read(request.replace('/a', '/3'))
      .write(answer, other)
      .write(answer);
    expect(exchanges.map(({ request: { target } }) => target[1])).toEqual(['1', '2', '3']);
  });

  it('counts what was lost of a body, and goes on behind it', () => {
    const { exchanges, tally } = new Script()
      .read(request)
      .write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin')
      .lose('write', 90)
      .write('ended')
      .read(request)
      .write(answer);
    expect(exchanges.map(({ response }) => response?.body.length)).toEqual([100, 5]);
    expect(textOf(exchanges[0]?.response?.body)).toBe('begin');
    expect(tally.lost.gap).toBe(1);
  });

  it('records nothing of a head of which a part is lost, and finds the next call', () => {
    const { exchanges } = new Script()
      .read('GET /lost HTTP/1.1\r\nHos')
      .lose('read', 10)
      .read('\r\n\r\n')
      .write(answer)
      .read(request)
      .write(answer);
    expect(exchanges.map(({ request: { target } }) => target)).toContain('/a?b=1');
    expect(exchanges.map(({ request: { target } }) => target)).not.toContain('/lost');
  });

  it('ends a body without length where the program is done with the connection', () => {
    const { exchanges } = new Script()
      .read(request)
      .write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it')
      .tell('closed');
    expect(textOf(exchanges[0]?.response?.body)).toBe('all of it');
    expect(exchanges[0]?.error).toBeUndefined();
  });

  it.each([
    [
      'the program is done with the connection',
      'aborted',
      (script: Script) => script.tell('closed'),
    ],
    [
      'the process has ended',
      'aborted',
      (script: Script) => script.conversations.forget(nginx.pid, 'end'),
    ],
    ['nobody looks any more', 'unseen', (script: Script) => script.conversations.forgetAll()],
  ])('says that a call has no answer when %s', (_when, kind, end) => {
    const script = new Script().read(request);
    end(script);
    expect(script.exchanges[0]).toMatchObject({ response: undefined, error: { kind } });
    expect(script.conversations.size).toBe(0);
    expect(script.tally.held).toBe(0);
  });

  it('records one direction alone where that is wanted', () => {
    const script = new Script({ in: false, out: true }).read(request).write(answer);
    script.write(request, { connection: 'd' }).read(answer, { connection: 'd' });
    expect(script.exchanges.map(({ direction }) => direction)).toEqual(['out']);
  });

  it('forgets the connection that was silent longest when there are too many', () => {
    const script = new Script();
    for (let index = 0; index < 20_001; index++) script.read(request, { connection: `c${index}` });
    expect(script.conversations.size).toBe(20_000);
    expect(script.tally.lost.evicted).toBe(1);
    expect(script.exchanges).toHaveLength(1);
    expect(script.exchanges[0]).toMatchObject({ error: { kind: 'unseen' } });
  });

  it('keeps little of a connection of which nobody knows whom it is with', () => {
    const nowhere = { local: undefined, remote: undefined };
    const script = new Script().write(
      'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n',
      nowhere,
    );
    for (let index = 0; index < 600; index++) script.write('x'.repeat(1000), nowhere);
    expect(script.tally.held).toBeLessThan(300_000);
  });
});
