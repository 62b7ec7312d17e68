/** Finding Java, and the options that Cassandra needs on it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from './errors.js';

const run = promisify(execFile);
const INSTALL = 'install a Java 17: apt-get install openjdk-17-jdk-headless (Debian, Ubuntu), or set JAVA_HOME to one';

/** Path of a program of the JDK: `$JAVA_HOME/bin/<name>`, else the one on the PATH. */
export function javaTool(name: 'java' | 'javac' | 'keytool', env: NodeJS.ProcessEnv = process.env): string {
  const home = env['JAVA_HOME'];
  const path = home ? join(home, 'bin', name) : name;
  return home && !existsSync(path) ? name : path;
}

let checked: Promise<string> | undefined;

/** The `java` to use, proven to run and to be of version 17 (Cassandra 5.0's newest; the options below open it for 4.x). */
export function findJava(): Promise<string> {
  checked ??= checkJava(javaTool('java'));
  return checked;
}

async function checkJava(java: string): Promise<string> {
  let output: string;
  try {
    output = (await run(java, ['-version'])).stderr;
  } catch (error) {
    throw new LabError(`no Java was found (${java})`, INSTALL, { cause: error });
  }
  const major = /version "(\d+)/.exec(output)?.[1];
  if (major !== '17') throw new LabError(`${java} is version ${major ?? 'unknown'}; Cassandra is started with 17`, INSTALL);
  return java;
}

const EXPORTS = ['java.base/jdk.internal.misc', 'java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.management/com.sun.jmx.remote.security',
  'java.rmi/sun.rmi.registry', 'java.rmi/sun.rmi.server', 'java.sql/java.sql', 'java.base/java.lang.ref', 'java.base/jdk.internal.ref',
  'java.base/sun.nio.ch', 'jdk.unsupported/sun.misc'];

const OPENS = ['java.lang.module', 'jdk.internal.loader', 'jdk.internal.ref', 'jdk.internal.reflect', 'jdk.internal.math', 'jdk.internal.module',
  'jdk.internal.util.jar', 'jdk.internal.misc', 'sun.nio.ch', 'java.io', 'java.lang.reflect', 'java.lang', 'java.util', 'java.util.concurrent', 'java.nio'];

/** `--add-exports` and `--add-opens` for Cassandra's classes. 4.x measures objects of every package (jamm 0.3): all of java.base is opened. */
export async function moduleOptions(version: string): Promise<string[]> {
  const opens = version.startsWith('5') ? OPENS : await packagesOfJavaBase();
  return [
    ...EXPORTS.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
    '--add-opens', 'jdk.management/com.sun.management.internal=ALL-UNNAMED',
    ...opens.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]),
  ];
}

async function packagesOfJavaBase(): Promise<string[]> {
  const { stdout } = await run(await findJava(), ['--describe-module', 'java.base']);
  const names = new Set<string>();
  for (const line of stdout.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'exports' || words[0] === 'contains') names.add(words[1]);
    else if (words[0] === 'qualified') names.add(words[2]);
  }
  return [...names].sort();
}
