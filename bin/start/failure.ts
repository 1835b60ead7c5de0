/** What a failed start says: one line that names the port or folder, instead of a stack. */

/** Error codes of the operating system that are the user's to mend. */
const words: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used: permission denied',
  EADDRNOTAVAIL: 'cannot be had: that is no address of this machine',
  EROFS: 'is on a read-only file system',
  ENOTDIR: 'is not a folder',
  ENOENT: 'cannot be made',
  EEXIST: 'is not a folder',
  ENOSPC: 'is on a full disk',
};

/** One line for a failure that the user can mend; undefined for all others, which are bugs or AWS's. */
export function startFailure(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, port, address, path } = cause as NodeJS.ErrnoException & {
      port?: number;
      address?: string;
    };
    if (cause.name === 'FolderInUse') return cause.message;
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') {
      return `AWS does not answer at --aws-endpoint: ${cause.message || code}`;
    }
    const says = words[code ?? ''];
    if (says === undefined) continue;
    if (port !== undefined) return `port ${port} on ${address ?? 'this machine'} ${says}`;
    if (path !== undefined) return `${path} ${says}`;
  }
  return undefined;
}
