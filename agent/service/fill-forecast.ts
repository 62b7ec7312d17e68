/**
 * When a directory will be full at its present rate. Its size moves in steps of a segment, up when Cassandra links one and
 * down when the agent deletes one: a line through the last two samples would cry wolf. The rate is the median slope over
 * pairs of samples that lie at least half the window apart (Theil-Sen, long pairs only), and it counts as filling only
 * when three quarters of these pairs grow: a sawtooth that holds its level never does.
 */
const WINDOW_MS = 5 * 60_000;
/** Samples nearer than this to the last one replace it. */
const STEP_MS = 5_000;
/** Not earlier: one new segment is no trend. */
const SHORTEST_MS = 20_000;
const GROWING_SHARE = 0.75;
const MS_PER_MINUTE = 60_000;

interface Sample {
  readonly at: number;
  bytes: number;
}

export class FillForecast {
  #samples: Sample[] = [];
  /** Bytes per ms; undefined: to be computed. */
  #rate: number | null | undefined;

  /** To be called every few seconds. `at`: ms of a clock that never goes back. */
  sample(at: number, bytes: number): void {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last !== undefined && at - last.at < STEP_MS) last.bytes = bytes;
    else samples.push({ at, bytes });
    while (samples.length > 0 && samples[0].at < at - WINDOW_MS) samples.shift();
    this.#rate = undefined;
  }

  /** Null: it is not filling, or not watched for long enough. 0: it is full. */
  minutesUntilFull(limit: number): number | null {
    const last = this.#samples.at(-1);
    if (last === undefined) return null;
    if (last.bytes >= limit) return 0;
    const rate = (this.#rate ??= this.#slope());
    return rate === null ? null : (limit - last.bytes) / rate / MS_PER_MINUTE;
  }

  #slope(): number | null {
    const samples = this.#samples;
    const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
    if (span < SHORTEST_MS) return null;
    const slopes: number[] = [];
    for (let i = 0; i < samples.length; i++) {
      for (let j = samples.length - 1; j > i && samples[j].at - samples[i].at >= span / 2; j--) {
        slopes.push((samples[j].bytes - samples[i].bytes) / (samples[j].at - samples[i].at));
      }
    }
    slopes.sort((a, b) => a - b);
    const growing = slopes.filter((slope) => slope > 0).length;
    return growing < slopes.length * GROWING_SHARE ? null : slopes[slopes.length >> 1];
  }
}
