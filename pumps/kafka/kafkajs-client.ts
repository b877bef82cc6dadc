import net, { type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import kafkajs, {
  type Admin,
  type Kafka,
  type Message as KafkajsMessage,
  type Producer,
  type SASLOptions,
} from 'kafkajs';
import { type Clock, inTime, type Millis, millis, seconds, untilAborted } from '#pump';
import type { Client } from './client.ts';
import { teach } from './kafkajs-codecs.ts';
import { failureOfKafkajs } from './kafkajs-error.ts';
import {
  idHeader,
  type Login,
  type Outcome,
  type Partition,
  type ProducerSettings,
  type RecordSet,
  readMessages,
} from './producer/producer.ts';

export interface KafkajsParts {
  readonly settings: ProducerSettings;
  readonly tls: ConnectionOptions | undefined;
  readonly clock: Clock;
}

/** Partitions may have been added. */
const oldest = seconds(300);
/** Longest goodbye. */
const closing = millis(500);

/**
 * kafkajs in the place of our own producer, in the one mode in which it loses nothing: without a number of the broker's.
 * With one it takes a sequence back after a failed request, and the broker then drops what comes next as a repeat. It
 * sends once; whoever calls repeats. An answer that was lost therefore leaves the messages there twice.
 */
export class KafkajsClient implements Client {
  readonly #parts: KafkajsParts;
  readonly #sockets = new Set<Socket>();
  readonly #kafka: Kafka;
  /** Those that were given up, with what is under way on them. */
  readonly #retired = new Set<Promise<void>>();
  #line: Promise<Line> | undefined;
  #view: { readonly partitions: readonly Partition[]; readonly readAt: Millis } | undefined;
  #isClosed = false;

  constructor(parts: KafkajsParts) {
    const { settings } = parts;
    const { brokers, clientId, timeout } = settings;
    this.#parts = parts;
    this.#kafka = new kafkajs.Kafka({
      ...{ brokers: [...brokers], clientId },
      ...(parts.tls === undefined ? {} : { ssl: parts.tls }),
      ...(settings.login === undefined ? {} : { sasl: saslOf(settings.login) }),
      ...{ connectionTimeout: timeout, authenticationTimeout: timeout, requestTimeout: timeout },
      // Its ten seconds would have it log in without end where a login is good for less.
      reauthenticationThreshold: 1_000,
      logLevel: kafkajs.logLevel.NOTHING,
      socketFactory: (target) => this.#connect(target),
      // Of connections, each to another of the brokers.
      retry: { retries: brokers.length - 1, initialRetryTime: 50, maxRetryTime: 200 },
    });
  }

  partitions(signal: AbortSignal): Promise<Outcome<readonly Partition[]>> {
    return this.#call(async ({ producer, admin }) => {
      const view = this.#view;
      if (view !== undefined && this.#parts.clock.elapsed() - view.readAt < oldest)
        return view.partitions;
      const { topic } = this.#parts.settings;
      // Of nothing: it asks for the topic as one does who wants to write to it, and the broker may make it.
      await producer.send({ topic, messages: [] });
      const partitions = await this.#ask(admin);
      this.#view = { partitions, readAt: this.#parts.clock.elapsed() };
      return partitions;
    }, signal);
  }

  send(set: RecordSet, signal: AbortSignal): Promise<Outcome<void>> {
    return this.#call(async ({ producer }) => {
      const { partition } = set;
      const { topic, timeout, compression } = this.#parts.settings;
      const timestamp = String(this.#parts.clock.now());
      const answers = await producer.send({
        ...{ topic, acks: -1, timeout, compression: await teach(compression) },
        messages: readMessages(set).map(
          ({ id, key, value }): KafkajsMessage => ({
            ...{ key, value, partition, timestamp },
            headers: { [idHeader]: id },
          }),
        ),
      });
      // It is content with no answer at all where no request was made.
      const [answer] = answers;
      const isStored = answer?.partition === partition && answer.errorCode === 0;
      if (answers.length !== 1 || !isStored)
        throw new Error('kafkajs does not say that the messages are stored');
    }, signal);
  }

  transact(): Promise<Outcome<void>> {
    const message = 'With client "kafkajs" there are no transactions.';
    return Promise.resolve({ ok: false, failure: { kind: 'unexpected', message } });
  }

  async lookUp(signal: AbortSignal): Promise<Outcome<void>> {
    const found = await this.#call(({ admin }) => this.#ask(admin), signal);
    if (found.ok) return { ok: true, value: undefined };
    if (!found.failure.message.startsWith('UNKNOWN_TOPIC_OR_PARTITION')) return found;
    const made = await this.partitions(signal);
    return made.ok ? { ok: true, value: undefined } : made;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retire(this.#line);
    const goodbye = Promise.all(this.#retired);
    // It waits for answers that may never come, unless their connection breaks.
    const { clock } = this.#parts;
    await inTime(goodbye, { clock, time: closing }, () => undefined);
    for (const socket of this.#sockets) socket.destroy(new Error('The client is closed.'));
    await inTime(goodbye, { clock, time: closing }, () => undefined);
  }

  /** The topic as the brokers know it. Has none made. */
  async #ask(admin: Admin): Promise<readonly Partition[]> {
    const { topic } = this.#parts.settings;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = (topics[0]?.partitions ?? [])
      .map(({ partitionId: id, leader }) => ({ id, hasLeader: leader >= 0 }))
      .toSorted((a, b) => a.id - b.id);
    if (partitions.some(({ hasLeader }) => hasLeader)) return partitions;
    throw Object.assign(new Error('the topic has no leader'), { name: 'KafkaJSMetadataNotLoaded' });
  }

  async #call<T>(work: (line: Line) => Promise<T>, signal: AbortSignal): Promise<Outcome<T>> {
    let line: Promise<Line> | undefined;
    try {
      signal.throwIfAborted();
      if (this.#isClosed) throw new Error('The client is closed.');
      line = this.#line ??= this.#open();
      return { ok: true, value: await untilAborted(line.then(work), signal) };
    } catch (error) {
      this.#view = undefined;
      const failure = signal.aborted ? late : failureOfKafkajs(error);
      // Of a lost connection it notices only by the next failure.
      if (failure.kind !== 'oversize') this.#retire(line);
      return { ok: false, failure };
    }
  }

  /** Connects, twice: kafkajs asks for topics over connections of its own. */
  async #open(): Promise<Line> {
    const producer = this.#kafka.producer({
      ...{ idempotent: false, retry: { retries: 0 } },
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    const admin = this.#kafka.admin({ retry: { retries: 0 } });
    try {
      await Promise.all([producer.connect(), admin.connect()]);
      return { producer, admin };
    } catch (error) {
      await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
      throw error;
    }
  }

  /** The next call opens another one; what is under way on this one comes to its end. */
  #retire(line: Promise<Line> | undefined): void {
    if (line === undefined || this.#line !== line) return;
    this.#line = undefined;
    const ending = line
      .then(({ producer, admin }) =>
        Promise.allSettled([producer.disconnect(), admin.disconnect()]),
      )
      .then(nothing, nothing)
      .finally(() => this.#retired.delete(ending));
    this.#retired.add(ending);
  }

  /** Ours, so that they can be cut. */
  #connect({ host, port, onConnect }: SocketTarget): Socket {
    const options = this.#parts.tls;
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket =
      options === undefined
        ? net.connect({ host, port }, onConnect)
        : tls.connect({ host, port, ...servername, ...options }, onConnect);
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#isClosed) socket.destroy(new Error('The client is closed.'));
    return socket;
  }
}

interface Line {
  readonly producer: Producer;
  readonly admin: Admin;
}

const nothing = (): void => undefined;
const late = { kind: 'timeout', message: 'No answer before the deadline.' } as const;

interface SocketTarget {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

function saslOf(login: Login): SASLOptions {
  if (login.mechanism === 'oauthbearer') {
    const oauthBearerProvider = async () => ({ value: await login.token() });
    return { mechanism: 'oauthbearer', oauthBearerProvider };
  }
  const { mechanism, username, password } = login;
  return { mechanism, username, password: password.reveal() };
}
