import { readFile } from 'node:fs/promises';

/** Those of a system's own services: nobody looks for calls of HTTP there. */
const known =
  /^\/(?:var\/)?run\/(?:systemd|dbus|user|udev|lvm|docker|containerd|snapd|avahi|cups|nscd)|\/\.X11-unix\/|\/ssh-[^/]*\/agent|\.lock$/;
const mostPaths = 100;

/** Paths of the stream sockets that somebody listens at, from the text of `/proc/net/unix`. Abstract ones have no path. */
export function unixListeners(text: string): readonly string[] {
  const paths = text.split('\n').flatMap((line) => {
    // Num RefCount Protocol Flags Type St Inode Path; the flag says that it accepts connections, type 1 that it is a stream.
    const [, flags, path] = /^\S+ \S+ \S+ ([\dA-F]{8}) 0001 \S+ +\d+ (\/.*)$/.exec(line) ?? [];
    const isListening = flags !== undefined && (Number.parseInt(flags, 16) & 0x10000) !== 0;
    return isListening && path !== undefined && !known.test(path) ? [path] : [];
  });
  return [...new Set(paths)].sort().slice(0, mostPaths);
}

/** Of this namespace, or that of a process. Empty where it cannot be known. */
export async function findUnixListeners(process = 'self'): Promise<readonly string[]> {
  const text = await readFile(`/proc/${process}/net/unix`, 'utf8').catch(() => '');
  return unixListeners(text);
}
