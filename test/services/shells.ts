import { needProgram } from './debian.ts';

/** The shells that completion is written for, by name. Throws `Unavailable` where one cannot be had. */
export async function needShells(): Promise<Readonly<Record<'bash' | 'zsh' | 'fish', string>>> {
  return {
    bash: await needProgram('bash', ['bash']),
    zsh: await needProgram('zsh', ['zsh']),
    fish: await needProgram('fish', ['fish']),
  };
}
