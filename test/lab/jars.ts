/** Jars from Maven Central, fetched once by `mvn dependency:copy-dependencies` on a generated pom. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.js';
import { LabError } from './errors.js';
import { withLock } from './lock.js';

const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const COMPLETE = '.complete';

export interface Artifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
}

/** The directory that holds the artifact's jar and those of everything it needs; fetched when it is not there yet. */
export async function jarsOf(artifact: Artifact, cache = cacheDirectory()): Promise<string> {
  const pom = pomOf(artifact);
  const mark = createHash('sha256').update(pom).digest('hex').slice(0, 8);
  const directory = join(cache, 'jars', `${artifact.artifactId}-${artifact.version}-${mark}`);
  if (isComplete(directory)) return directory;
  await mkdir(join(cache, 'jars'), { recursive: true });
  return withLock(`${directory}.lock`, async () => {
    if (!isComplete(directory)) await fetchInto(directory, pom);
    return directory;
  });
}

export function isComplete(directory: string): boolean {
  return existsSync(join(directory, COMPLETE));
}

export function pomOf({ groupId, artifactId, version }: Artifact): string {
  const dependency = `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  return `<project><modelVersion>4.0.0</modelVersion><groupId>lab</groupId><artifactId>lab</artifactId><version>1</version>\n` +
    `<dependencies>${dependency}</dependencies></project>\n`;
}

async function fetchInto(directory: string, pom: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const partial = `${directory}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, 'pom.xml'), pom);
  const args = ['-q', '-B', '-f', join(partial, 'pom.xml'), COPY_DEPENDENCIES, `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'];
  try {
    await promisify(execFile)('mvn', args, { maxBuffer: 16 << 20 });
    await writeFile(join(partial, COMPLETE), '');
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw mavenError(error as NodeJS.ErrnoException & { stdout?: string });
  }
}

function mavenError(error: NodeJS.ErrnoException & { stdout?: string }): LabError {
  if (error.code === 'ENOENT') {
    return new LabError('Maven (mvn) is not installed', 'apt-get install maven openjdk-17-jdk-headless (Debian, Ubuntu), or put mvn on the PATH', { cause: error });
  }
  const lines = (error.stdout ?? error.message).split('\n').filter((line) => line.includes('ERROR')).slice(0, 3).join('\n');
  return new LabError(`Maven could not fetch the jars:\n${lines || error.message}`, 'check that Maven reaches Maven Central (proxy or mirror: ~/.m2/settings.xml)', { cause: error });
}
