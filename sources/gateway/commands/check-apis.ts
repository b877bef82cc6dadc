import { defineSourceCommand, problemLines, text } from '#source';
import type { Api } from '../definition/api.ts';
import { idleDefaults } from '../load/idle-defaults.ts';
import { type Loaded, loadRules } from '../load/load-rules.ts';

const options = {
  apis: text({ doc: 'Folder with API definitions of Tyk’s classic kind (`*.json`).' }),
  policies: text({ doc: 'File with Tyk’s policies, by their ids.', default: '' }),
};

export default defineSourceCommand({
  name: 'check apis',
  summary:
    'Says which API definitions and policies the gateway would serve, and why not the others.',
  options,
  async run({ apis, policies }, io) {
    const loaded = await loadRules(
      {
        ...{ apis, policies, target: '', targets: [], name: '', routes: [] },
        health: { path: '', expect: '200' },
      },
      { ...idleDefaults(), hasSessions: true },
      undefined,
    );
    io.print(`${linesOf(loaded, policies !== '').join('\n')}\n`);
    const isWhole = loaded.findings.problems.every(({ severity }) => severity !== 'error');
    return isWhole && loaded.apis.length > 0 ? 0 : 1;
  },
});

function linesOf({ byFile, policies, findings }: Loaded, hasPolicies: boolean): readonly string[] {
  const { problems, refused, inactive } = findings;
  return [
    ...[...byFile].map(([file, api]) => `served    ${file}: ${shown(api)}`),
    ...inactive.map((file) => `inactive  ${file}`),
    ...refused.map((file) => `refused   ${file}`),
    ...problems.flatMap((problem) => ['', ...problemLines(problem)]),
    ...(problems.length > 0 ? [''] : []),
    `${byFile.size} served, ${inactive.length} inactive, ${refused.length} refused` +
      (hasPolicies ? `; ${policies.size} policies` : ''),
  ];
}

const shown = ({ id, domain, listenPath, host, auth, versioning }: Api): string => {
  const versions = versioning.kind === 'one' ? '' : `, ${versioning.byName.size} versions`;
  return `${id} at ${domain}${listenPath} to ${host} (${auth.kind}${versions})`;
};
