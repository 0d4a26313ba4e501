// Files out of what people give: a choice, a drop (folders too) or the clipboard.

/** Every file of a drop; of a folder, what lies in it. Read the entries before anything is awaited. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])));
  return found.flat();
}

/** Pictures in the clipboard; a screenshot has no name of its own, so it gets the time. */
export function pastedFiles(clipboard: DataTransfer | null): File[] {
  const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
  return [...(clipboard?.files ?? [])].map((file, n) => {
    if (!/^image\.\w+$/.test(file.name)) return file;
    const extension = file.name.slice(file.name.lastIndexOf("."));
    return new File([file], `pasted ${time}${n ? ` ${n + 1}` : ""}${extension}`, { type: file.type });
  });
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return file.name.startsWith(".") ? [] : [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    // A reader gives a hundred entries at a time, and none when there are no more.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const child of some) found.push(...(await filesOf(child)));
  }
}

/** 812 KB, 3.4 MB: in steps of 1024, as the server counts. */
export function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
