import { describe, expect, it } from 'vitest';
import { aContext, aPreparedPump } from '#pump/testing';
import elasticsearch from './index.ts';
import { ElasticsearchSink } from './sink.ts';

const signal = AbortSignal.timeout(5_000);

describe('opening', () => {
  it('fails while a server that is to be asked for its version is away', async () => {
    const pump = aPreparedPump(elasticsearch, { elasticsearch_url: 'http://127.0.0.1:1' });

    await expect(pump.open(aContext(), signal)).rejects.toThrow('No answer');
  });

  it('asks nobody where the version is stated', async () => {
    const pump = aPreparedPump(elasticsearch, {
      elasticsearch_url: 'http://127.0.0.1:1',
      version: '7',
    });

    const sink = await pump.open(aContext(), signal);

    await sink.close(signal);
    expect(sink).toBeInstanceOf(ElasticsearchSink);
  });

  it('names the servers in the log, without their passwords', async () => {
    const context = aContext();
    const pump = aPreparedPump(elasticsearch, {
      elasticsearch_url: 'http://me:hidden@127.0.0.1:1',
      version: '7',
    });

    await (await pump.open(context, signal)).close(signal);

    expect(context.lines).toMatchObject([{ fields: { urls: ['http://***:***@127.0.0.1:1'] } }]);
  });
});
