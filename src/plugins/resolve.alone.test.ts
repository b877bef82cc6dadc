import { describe, expect, it } from 'vitest';
import { initialize, packageScheme, resolve } from './resolve.ts';

const next = (specifier: string, context: object) => ({ specifier, ...context });
const asked = { parentURL: 'file:///plugins/a.mjs' };

describe('the name of a module in this thread', () => {
  it('is the kit of the service where it is that of the kit, once somebody has said where that is', () => {
    // What is said holds for the process, which this file has to itself.
    expect(resolve('sluice/pump', asked, next)).toEqual({ specifier: 'sluice/pump', ...asked });

    initialize({ kit: 'file:///service/pump/index.js' });

    expect(resolve('sluice/pump', asked, next)).toEqual({
      url: 'file:///service/pump/index.js',
      shortCircuit: true,
    });
  });

  it('is looked for from the folder that is asked for', () => {
    const query = new URLSearchParams({ name: '@acme/x', from: 'file:///etc/sluice/plugin' });

    expect(resolve(`${packageScheme}?${query.toString()}`, asked, next)).toEqual({
      specifier: '@acme/x',
      parentURL: 'file:///etc/sluice/plugin',
    });
  });

  it.each(['undici', './b.mjs', 'sluice/pump/testing'])('is Node’s to resolve else: %s', (name) => {
    expect(resolve(name, asked, next)).toEqual({ specifier: name, ...asked });
  });
});
