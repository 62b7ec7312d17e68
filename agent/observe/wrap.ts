/** Text in lines of a width: broken between words, a word longer than a line stays whole. */
export function wrapped(text: string, { width, indent }: { readonly width: number; readonly indent: string }): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    if (line !== '' && line.length + word.length > width) {
      lines.push(line);
      line = indent + word.trimStart();
    } else {
      line += word;
    }
  }
  return [...lines, line];
}
