/** How near a model comes to the document that its traffic was made of. */
import { ApiModel } from '../model.ts';
import { apiPathsOf, resolved } from '../paths/resolve.ts';
import { type Habits, habitsOf, requiredAmong } from '../values/required.ts';
import type { ValueStats } from '../values/stats.ts';
import { bareTemplate, type Traffic } from './traffic.testing.ts';

interface Scores {
  readonly templates: Score;
  readonly required: Score;
}

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly missed: readonly string[];
  readonly wrong: readonly string[];
}

export function scoresOf(traffic: Traffic): Scores {
  const model = new ApiModel();
  for (const call of traffic.calls) model.learn(model.read(call));
  const found = new Set<string>();
  const required = new Map<string, boolean>();
  for (const root of model.hosts.values()) {
    const apiPaths = apiPathsOf(resolved(root));
    const habits = habitsOf(apiPaths.flatMap(({ operations }) => [...operations.values()]));
    for (const { template, operations } of apiPaths) {
      const bare = bareTemplate(template);
      found.add(bare);
      for (const [method, { bodies, responses }] of operations) {
        for (const { value } of bodies.values())
          flat(value, `${method} ${bare} request `, required, habits);
        for (const [status, response] of responses)
          for (const { value } of response.bodies.values())
            flat(value, `${method} ${bare} ${String(status)} `, required, habits);
      }
    }
  }
  const known = [...required].filter(([key]) => traffic.required.has(key));
  const truth = new Set(
    [...traffic.required].filter(([key, is]) => is && required.has(key)).map(([key]) => key),
  );
  return {
    templates: score(found, traffic.templates),
    required: score(new Set(known.filter(([, is]) => is).map(([key]) => key)), truth),
  };
}

function score(found: ReadonlySet<string>, truth: ReadonlySet<string>): Score {
  const missed = [...truth].filter((each) => !found.has(each));
  const wrong = [...found].filter((each) => !truth.has(each));
  const right = truth.size - missed.length;
  return {
    precision: found.size === 0 ? 1 : right / found.size,
    recall: truth.size === 0 ? 1 : right / truth.size,
    missed,
    wrong,
  };
}

function flat(stats: ValueStats, at: string, found: Map<string, boolean>, habits: Habits): void {
  const required = requiredAmong(stats.members, stats.objects, habits);
  for (const [name, member] of stats.members) {
    found.set(`${at}.${name}`, required.has(name));
    flat(member, `${at}.${name}`, found, habits);
  }
  if (stats.items !== undefined) flat(stats.items, `${at}[]`, found, habits);
}
