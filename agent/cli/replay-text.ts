/** What a replay would do, or has done: for people, 80 columns wide, and for programs. */
import { formatPosition } from '../../parsers/index.js';
import type { PreparedReplay } from '../pipeline/replay.js';
import type { Amount } from '../checkpoint/replay-plan.js';
import type { StreamPosition } from '../publisher/publisher.js';
import type { Survey } from '../source/live/segment-survey.js';
import type { Place } from '../source/live/live-file.js';
import { counted, wrap } from '../inspect/text.js';
import { humanBytes } from '../observe/humanise.js';

export interface ReplayReport {
  readonly transactionalId: string;
  readonly prepared: PreparedReplay;
  /** Undefined: nobody runs. */
  readonly runningAgent: { readonly pid: number | undefined } | undefined;
  /** The command that does it. */
  readonly command: string;
}

const LABEL = 19;
const SHOWN_GONE = 5;
const PLACES: readonly (readonly [Place, string])[] = [['raw', 'cdc_raw'], ['spool', 'spool'], ['quarantine', 'quarantine']];

export function preparedText({ transactionalId, prepared: { kafka, checkpoint, survey, plan }, runningAgent }: ReplayReport): string {
  const isEqual = plan.known !== null && textOf(plan.known) === textOf(plan.to);
  const rows: [string, string][] = [
    ['transactional id', transactionalId],
    ['position in Kafka', kafka.position !== null ? `${textOf(kafka.position)}, event ${kafka.position.events}` : kafka.unreadable?.message ?? 'none'],
    ['checkpoint', checkpointText(checkpoint)],
    ['segments', segmentsText(survey)],
    ...(survey.refused.length === 0 ? [] : [['refused', `${counted(survey.refused.length, 'file')}, never read: ${survey.refused.slice(0, SHOWN_GONE).map(({ path, reason }) => `${path} (${reason})`).join(', ')}`] as [string, string]]),
    ...(runningAgent === undefined ? [] : [['agent', `runs${runningAgent.pid === undefined ? '' : ` (process ${runningAgent.pid})`}: stop it before the position is moved`] as [string, string]]),
    ['', ''],
    ['new position', `${textOf(plan.to)}${isEqual ? ', as it is now' : ''}`],
    ['comes again', plan.again.segments.length === 0 ? 'nothing' : `${amountText(plan.again)}, published before`],
    ['given up', plan.givenUp.segments.length === 0 ? 'nothing' : `${amountText(plan.givenUp)}: never published, and deleted by the agent`],
    ['gone', goneText(plan.gone)],
    ...(plan.isForeign ? [['state directory', 'of another Cassandra node: which segments were seen is begun anew'] as [string, string]] : []),
  ];
  return rows.map(([label, text]) => `${wrap(`${label.padEnd(LABEL)}${text}`, ' '.repeat(LABEL)).trimEnd()}\n`).join('');
}

export function dryRunText({ command, runningAgent }: ReplayReport): string {
  return `\nnothing was changed; to do it${runningAgent === undefined ? '' : ', stop the agent and'} run\n  ${command}\n`;
}

export function movedText(position: StreamPosition): string {
  return `\nmoved: Kafka and the checkpoint say ${textOf(position)}; the agent may be started\n`;
}

/**
 * One object: `{"changed":…,"transactional_id":…,"kafka":{"position","events"}|null,"kafka_error":…|null,
 * "checkpoint":…|null,"running":{"pid":…}|null,"segments":{"count","bytes","first","last","cdc_raw","spool","quarantine","refused"},
 * "position":…,"again":{"segments","bytes"},"given_up":{…},"gone":[segment…],"command":…}`; positions and segments are text.
 */
export function replayJson({ transactionalId, prepared: { kafka, checkpoint, survey, plan }, runningAgent, command }: ReplayReport, changed: boolean): string {
  const amount = ({ segments, bytes }: Amount): object => ({ segments: segments.length, bytes });
  const { segments, refused } = survey;
  return `${JSON.stringify({
    changed,
    transactional_id: transactionalId,
    kafka: kafka.position === null ? null : { position: textOf(kafka.position), events: kafka.position.events },
    kafka_error: kafka.unreadable?.message ?? null,
    checkpoint: checkpoint !== null && 'checkpoint' in checkpoint ? textOf(checkpoint.checkpoint) : null,
    running: runningAgent === undefined ? null : { pid: runningAgent.pid ?? null },
    segments: {
      count: segments.length, bytes: bytesOf(survey), first: segments[0] === undefined ? null : String(segments[0].id), last: segments.length === 0 ? null : String(segments[segments.length - 1].id),
      ...Object.fromEntries(PLACES.map(([place, name]) => [name, inPlace(survey, place)])), refused: refused.length,
    },
    position: textOf(plan.to), again: amount(plan.again), given_up: amount(plan.givenUp), gone: plan.gone.map(String), command,
  })}\n`;
}

/** `segment:position`, and how many events of the mutation that ends there when it is not whole. */
function textOf({ segment, position, index }: StreamPosition): string {
  return `${formatPosition({ segment, position })}${index > 0 ? ` (${index} events of it)` : ''}`;
}

function checkpointText(checkpoint: PreparedReplay['checkpoint']): string {
  if (checkpoint === null) return 'none';
  if ('damage' in checkpoint) return `damaged: ${checkpoint.damage}`;
  if ('version' in checkpoint) return `of version ${JSON.stringify(checkpoint.version)}, which this agent does not know`;
  return `${textOf(checkpoint.checkpoint)}, of ${checkpoint.checkpoint.savedAt}`;
}

function segmentsText(survey: Survey): string {
  const { segments } = survey;
  if (segments.length === 0) return 'none';
  const places = PLACES.filter(([place]) => inPlace(survey, place) > 0).map(([place, name]) => `${name} ${inPlace(survey, place)}`).join(', ');
  return `${segments[0].id} to ${segments[segments.length - 1].id}: ${counted(segments.length, 'segment')} (${places}), ${humanBytes(bytesOf(survey))}`;
}

function goneText(gone: readonly number[]): string {
  if (gone.length === 0) return 'nothing';
  const more = gone.length - SHOWN_GONE;
  return `${counted(gone.length, 'segment')} behind the new position (${gone.slice(0, SHOWN_GONE).join(', ')}${more > 0 ? `, ${more} more` : ''}): a gap event tells of each`;
}

function amountText({ segments, bytes }: Amount): string {
  return `${humanBytes(bytes)} in ${counted(segments.length, 'segment')}`;
}

function inPlace({ segments }: Survey, place: Place): number {
  return segments.filter(({ paths }) => paths.has(place)).length;
}

function bytesOf({ segments }: Survey): number {
  return segments.reduce((sum, { size }) => sum + size, 0);
}
