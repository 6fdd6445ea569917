/** A fenced block of a Markdown text. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** What a section tells to type, and what it says that the terminal shows then. */
export interface Shown {
  readonly command: string;
  /** Undefined where the text does not show it. */
  readonly output: string | undefined;
}

/** The text below a heading of the second level. */
export function sectionOf(markdown: string, heading: string): string {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no section ${heading}`);
  return section;
}

export const blocksIn = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));

/** A block without a language, or of JSON, is the output of the commands right before it. */
export function shownIn(markdown: string): readonly Shown[] {
  const blocks = blocksIn(markdown);
  return blocks.flatMap(({ language, text }, i) => {
    if (language !== 'sh') return [];
    const next = blocks[i + 1];
    return [{ command: text, output: next && next.language !== 'sh' ? next.text : undefined }];
  });
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** A text without what differs from run to run: ids, positions, ports, durations, and instants that nobody asked for. */
export function masked(text: string, commands: string): string {
  const asked = new Set(
    [...commands.matchAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g)].map(([instant]) =>
      new Date(instant).toISOString(),
    ),
  );
  return text
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, '<id>')
    .replace(/\b[\da-f]{8}-\d+\b/g, '<position>')
    .replace(/\b(127\.0\.0\.1|localhost):\d+/g, '$1:<port>')
    .replace(/\bin \d+\.\d s\b/g, 'in <n> s')
    .replace(INSTANT, (instant) => (asked.has(instant) ? instant : '<instant>'));
}
