/** A binary heap: the entry with the lowest number comes out first. */
export class OldestFirst<T> {
  private readonly entries: { readonly at: number; readonly value: T }[] = [];

  push(at: number, value: T): void {
    const { entries } = this;
    const entry = { at, value };
    let child = entries.push(entry) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = entries[parent];
      if (!above || above.at <= at) break;
      entries[child] = above;
      child = parent;
    }
    entries[child] = entry;
  }

  pop(): T | undefined {
    const { entries } = this;
    const first = entries[0];
    const last = entries.pop();
    if (!first || !last || entries.length === 0) return first?.value;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      const right = entries[child + 1];
      if (right && right.at < (entries[child]?.at ?? Infinity)) child += 1;
      const below = entries[child];
      if (!below || below.at >= last.at) break;
      entries[parent] = below;
      parent = child;
    }
    entries[parent] = last;
    return first.value;
  }
}
