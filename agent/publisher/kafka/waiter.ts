/** Lets one loop sleep until it is woken or a time is over. Unlike Promise.race it leaves nothing behind on promises that live long. */
export class Waiter {
  #resolve: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #woken = false;

  wake(): void {
    this.#woken = true;
    clearTimeout(this.#timer);
    this.#resolve?.();
    this.#resolve = undefined;
  }

  /** Resolves at once when it was woken since the last wait. `ms` may be Infinity. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#woken) {
        this.#woken = false;
        resolve();
        return;
      }
      this.#resolve = () => {
        this.#woken = false;
        resolve();
      };
      if (ms < 2 ** 31) this.#timer = setTimeout(() => this.wake(), ms);
    });
  }
}
