/** The table of ACLs in deploy/SECURITY.md, as Kafka takes them. */
import kafkajs from 'kafkajs';
import type { AclEntry } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../helpers/project-root.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const RESOURCES = { 'transactional id': AclResourceTypes.TRANSACTIONAL_ID, group: AclResourceTypes.GROUP, topic: AclResourceTypes.TOPIC } as const;
const OPERATIONS = { Write: AclOperationTypes.WRITE, Read: AclOperationTypes.READ, Create: AclOperationTypes.CREATE } as const;

export interface DocumentedAcl {
  readonly resource: keyof typeof RESOURCES;
  readonly name: string;
  readonly operation: keyof typeof OPERATIONS;
}

/** `names`: what stands for each `{placeholder}`. Every row of the first table below the title; a row that can't be read is an error. */
export function documentedAcls(names: Readonly<Record<string, string>>): DocumentedAcl[] {
  const text = readFileSync(join(projectRoot, 'deploy/SECURITY.md'), 'utf8');
  const [, section = ''] = text.split("\n## Kafka's ACLs\n");
  const table = /(?:^\|.*\n)+/m.exec(section)?.[0].trimEnd().split('\n').slice(2) ?? [];
  return table.map((row) => {
    const [, resource, name, operation] = /^\| ([a-z ]+) \| `([^`]+)` \| (\w+) \| .* \|$/.exec(row) ?? [];
    if (!Object.hasOwn(RESOURCES, resource) || !Object.hasOwn(OPERATIONS, operation)) throw new Error(`SECURITY.md: no ACL can be read from ${row}`);
    return { resource, operation, name: name.replace(/\{(\w+)\}/g, (_, key: string) => {
      if (!Object.hasOwn(names, key)) throw new Error(`SECURITY.md: nobody knows {${key}}`);
      return names[key];
    }) } as DocumentedAcl;
  });
}

export function aclEntry({ resource, name, operation }: DocumentedAcl, principal: string): AclEntry {
  return {
    resourceType: RESOURCES[resource], resourceName: name, resourcePatternType: ResourcePatternTypes.LITERAL,
    principal, host: '*', operation: OPERATIONS[operation], permissionType: AclPermissionTypes.ALLOW,
  };
}
