/**
 * Runs the Java classes of test/oracle/java with a release's own jars. They are compiled on first use into the cache, keyed
 * by release and source.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { projectRoot } from '../helpers/project-root.js';
import { cacheDirectory } from '../lab/cache.js';
import { cassandraJars } from '../lab/cassandra-jvm.js';
import { findJava, javaTool, moduleOptions } from '../lab/java.js';
import type { CassandraVersion } from '../lab/versions.js';

const run = promisify(execFile);

export interface JavaRun {
  readonly version: CassandraVersion;
  /** Class name, the same as its file's in test/oracle/java. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly stdin?: string | Buffer;
  /** As -Xmx takes it; 1g by default. */
  readonly heap?: string;
  /** More JVM options. */
  readonly jvm?: readonly string[];
  /** Put before the java command, as in ['taskset', '-c', '1']. */
  readonly prefix?: readonly string[];
  /** Directory of the release's jars; fetched by default. */
  readonly jars?: string;
}

/** Standard output, whole. Throws with standard error when the class fails. */
export async function runJava(options: JavaRun): Promise<string> {
  const child = await startJava(options);
  const [output, errors, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended(child)]);
  if (code !== 0) throw failure(options, code, errors);
  return output;
}

/** Standard output line by line, for outputs that are large. Throws at the end when the class fails. */
export async function* runJavaLines(options: JavaRun): AsyncGenerator<string, void, undefined> {
  const child = await startJava(options);
  const errors = text(child.stderr!);
  const code = ended(child);
  try {
    for await (const line of createInterface({ input: child.stdout!, crlfDelay: Infinity })) yield line;
    if ((await code) !== 0) throw failure(options, await code, await errors);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

/** Starts the class with piped standard streams; standard input is written and closed. */
async function startJava(options: JavaRun): Promise<ChildProcess> {
  const [command, ...args] = await javaCommand(options);
  const child = spawn(command, args, { stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return child;
}

/** The whole command line; the class is compiled when it has not been. */
export async function javaCommand(options: JavaRun): Promise<string[]> {
  return [...(options.prefix ?? []), await findJava(), ...(await javaArguments(options))];
}

async function javaArguments(options: JavaRun): Promise<string[]> {
  const jars = options.jars ?? await cassandraJars(options.version);
  const classes = await compile(options.version, options.main, jars);
  const jamm = (await readdir(jars)).find((name) => /^jamm-.*\.jar$/.test(name));
  return [
    `-Xmx${options.heap ?? '1g'}`, '-XX:+UseSerialGC', '-XX:+PerfDisableSharedMem',
    // Cassandra 4.x measures the statements that it caches and can't do so on Java 17 without its agent.
    ...(jamm === undefined ? [] : [`-javaagent:${join(jars, jamm)}`]),
    ...(await moduleOptions(options.version)),
    '-Djava.security.manager=allow', '-Dchronicle.analytics.disable=true', '-Dio.netty.tryReflectionSetAccessible=true',
    '-Djava.net.preferIPv4Stack=true', `-Djava.io.tmpdir=${tmpdir()}`, '-Duser.timezone=UTC', '-Dfile.encoding=UTF-8',
    `-Dlogback.configurationFile=${join(classes, 'logback.xml')}`,
    ...(options.jvm ?? []),
    '-cp', `${classes}:${jars}/*`, options.main, ...(options.args ?? []),
  ];
}

/** Directory of the class files of `main` and what it uses. */
export async function compile(version: CassandraVersion, main: string, jars: string): Promise<string> {
  const source = join(projectRoot, 'test/oracle/java');
  const names = (await readdir(source)).filter((name) => name.endsWith('.java')).sort();
  const hash = createHash('sha256').update(jars);
  for (const name of names) hash.update(name).update(await readFile(join(source, name)));
  const directory = join(cacheDirectory(), 'oracle', `${version}-${main}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(directory)) return directory;
  const partial = `${directory}.${process.pid}.${Date.now()}`;
  await mkdir(partial, { recursive: true });
  try {
    await run(javaTool('javac'), ['-nowarn', '-proc:none', '-sourcepath', source, '-cp', `${jars}/*`, '-d', partial, join(source, `${main}.java`)]);
    await writeFile(join(partial, 'logback.xml'), '<configuration><root level="OFF"/></configuration>\n');
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process may have compiled the same meanwhile.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

function failure(options: JavaRun, code: number | null, errors: string): Error {
  return new Error(`${options.main} with Cassandra ${options.version} ended with ${code ?? 'a signal'}:\n${errors.trimEnd().split('\n').slice(0, 30).join('\n')}`);
}
