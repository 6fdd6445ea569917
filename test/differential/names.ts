import { createHash } from 'node:crypto';

/** The real names and ids of one run of a sequence, in place of its `~` and its labels. */
export interface Names {
  /** With the prefix for every `~`. */
  readonly full: (text: string) => string;
  /** The way back, for what a node answers. */
  short(text: string): string;
  isOwn(stream: string): boolean;
  idOf(label: string): string;
  /** The label of an id, the id itself when it is none of ours. */
  labelOf(id: string): string;
}

export function namesFor(prefix: string): Names {
  const labels = new Map<string, string>();
  const ids = new Map<string, string>();
  return {
    full: (text) => text.replaceAll('~', prefix),
    short: (text) => text.replaceAll(prefix, '~'),
    isOwn: (stream) => stream.includes(prefix),
    idOf(label) {
      const known = ids.get(label);
      if (known !== undefined) return known;
      const hex = createHash('md5').update(`${prefix} ${label}`).digest('hex');
      const id = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
      ids.set(label, id);
      labels.set(id, label);
      return id;
    },
    labelOf: (id) => labels.get(id) ?? id,
  };
}
