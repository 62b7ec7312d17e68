/** What Cassandra's classes say of types and values: questions and answers of test/oracle/java/ValuesJson.java. */
import type { CassandraVersion } from '../lab/versions.js';
import { runJava } from '../oracle/java.js';

export interface ValueAnswer {
  /** "ok", or "!" and the error of AbstractType.validate. */
  readonly validate: string;
  /** The same of validateCellValue. */
  readonly validateCellValue: string;
  /** AbstractType.toJSONString; "!" and the error when it fails. */
  readonly json: string;
}

export interface TypeAnswer {
  readonly className: string;
  readonly cqlName: string;
  readonly valueLengthIfFixed: number;
  readonly isMultiCell: boolean;
}

export interface Value {
  readonly className: string;
  readonly bytes: Buffer;
}

export async function askValues(version: CassandraVersion, values: readonly Value[]): Promise<ValueAnswer[]> {
  const answers = await ask(version, values.map(({ className, bytes }) => ['value', className, bytes.toString('hex')]));
  return answers.map((words, i) => {
    if (words.length !== 3) throw new Error(`${values[i].className}: ${words.join(' ')}`);
    return { validate: words[0], validateCellValue: words[1], json: words[2] };
  });
}

/** Types by class name, or by CQL name after the UDTs (name, field, type, field, type…) that they may name. */
export async function askTypes(version: CassandraVersion, questions: readonly (readonly string[])[]): Promise<(TypeAnswer | string)[]> {
  const answers = await ask(version, questions);
  return answers.map((words) => {
    if (words.length !== 4) return words.join(' ');
    return { className: words[0], cqlName: words[1], valueLengthIfFixed: Number(words[2]), isMultiCell: words[3] === 'true' };
  });
}

/** Assertions are enabled, as they are in a node. */
async function ask(version: CassandraVersion, questions: readonly (readonly string[])[]): Promise<string[][]> {
  const stdin = questions.map((words) => words.join('\t') + '\n').join('');
  const output = await runJava({ version, main: 'ValuesJson', stdin, heap: '768m', jvm: ['-ea'] });
  const lines = output.split('\n').slice(0, -1);
  if (lines.length !== questions.length) throw new Error(`${questions.length} questions, ${lines.length} answers`);
  return lines.map((line) => line.split('\t'));
}
