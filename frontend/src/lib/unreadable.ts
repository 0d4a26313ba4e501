// A file that was chosen may be gone when it is to be sent: its card was pulled out, or another program moved
// or changed it. The browser then says of the whole request only that it failed, as without a connection.
export const UNREADABLE = "The file can no longer be read: it was moved, changed or removed after it was chosen. Choose it again.";

export async function unreadable(files: File[]): Promise<Set<File>> {
  const gone = new Set<File>();
  await Promise.all(files.map((file) => begin(file).catch(() => gone.add(file))));
  return gone;
}

/** Its first bytes. A slice() would not do: of a file that is gone it is empty, and no error. */
async function begin(file: File): Promise<void> {
  const reader = file.stream().getReader();
  await reader.read();
  await reader.cancel();
}
