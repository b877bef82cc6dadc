import { StartError } from './errors.ts';

/**
 * A native package, which an installation may lack: `remedy` says what to do then. Loaders list all places where they
 * looked; their first sentence tells the rest, such as a package that was compiled for another version of Node.
 */
export async function loadNative<T>(load: () => Promise<T>, remedy: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const [sentence = ''] = words.replace(/\s+/g, ' ').split('. ');
    throw new StartError(`${remedy} (${sentence})`);
  }
}
