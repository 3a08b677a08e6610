// Loaded into the program before itself: the clock is set a second forth and back, again and again.
const realNow = Date.now.bind(Date);
const RealDate = Date;
const stepped = () => realNow() + (Math.floor(performance.now() / 40) % 2 === 0 ? 1000 : -1000);
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(stepped());
    else super(...args);
  }
  static now() {
    return stepped();
  }
};
