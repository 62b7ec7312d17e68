/**
 * Dates of the proleptic Gregorian calendar, for any day that an int32 or an int64 of milliseconds can name; Date stops
 * 100,000,000 days from 1970. Numbers are exact doubles throughout.
 */

/** Two digits each, 00 to 99. */
const TWO: readonly string[] = Array.from({ length: 100 }, (_, n) => (n < 10 ? '0' + n : '' + n));
const DAYS_PER_400_YEARS = 146097;

export interface CivilDate {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  /** `MM-DD` */
  readonly monthDay: string;
}

/** The date of a day counted from 1970-01-01. */
export function civilDate(epochDay: number): CivilDate {
  // count from 0000-03-01, so that the leap day ends its year
  const shifted = epochDay + 719468;
  const era = Math.floor(shifted / DAYS_PER_400_YEARS);
  const dayOfEra = shifted - era * DAYS_PER_400_YEARS;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), monthDay: TWO[month] + '-' + TWO[day] };
}

/** At least four digits, and a plus sign on more (java.time SignStyle.EXCEEDS_PAD). */
export function padYear(year: number): string {
  if (year < 0) return '-' + ('' + -year).padStart(4, '0');
  return year > 9999 ? '+' + year : ('' + year).padStart(4, '0');
}

/** `HH:mm` of a minute of the day. */
export function hourMinute(minute: number): string {
  const hour = Math.floor(minute / 60);
  return TWO[hour] + ':' + TWO[minute - hour * 60];
}

/** The day of a date, counted from 1970-01-01. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_400_YEARS + dayOfEra - 719468;
}
