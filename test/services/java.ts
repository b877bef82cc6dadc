import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installPackages } from './debian.ts';
import { Unavailable } from './process.ts';

const run = promisify(execFile);
const installLimit = 600_000;

/** Runs a tool of the JDK or Maven; its error output is in the error. */
export async function runTool(command: string, args: readonly string[]): Promise<void> {
  await run(command, [...args], { timeout: installLimit, maxBuffer: 16 * 1024 * 1024 });
}

/** Makes sure of `java`, `javac`, `jar` and `mvn`: installs them where we may, throws `Unavailable` where we may not. */
export async function needJavaAndMaven(): Promise<void> {
  const missing = await missingTools();
  if (missing.length === 0) return;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.warn(`Installing Java and Maven with apt-get (missing: ${missing.join(', ')}).`);
    // The launchers are compiled: a JRE alone would not do.
    await installPackages(['openjdk-17-jdk-headless', 'maven']).catch(() => undefined);
  }
  const left = await missingTools();
  if (left.length > 0) {
    throw new Unavailable(
      `This machine lacks ${left.join(', ')}: install a JDK (17 or later, with javac) and Maven.`,
    );
  }
}

async function missingTools(): Promise<readonly string[]> {
  const tools = ['java', 'javac', 'jar', 'mvn'];
  const works = await Promise.all(
    tools.map((tool) =>
      run(tool, ['--version'], { timeout: 30_000 }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return tools.filter((_, index) => works[index] === false);
}
