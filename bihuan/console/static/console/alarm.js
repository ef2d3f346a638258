// Two tones, high and low, every two seconds until somebody answers or mutes.
const TONES = [[880, 0], [660, 0.28], [880, 0.56]];
const TONE_S = 0.22, EVERY_MS = 2000, LOUDNESS = 0.25;

export class Alarm {
  constructor(isWanted) {
    this.sound = isWanted && "AudioContext" in window ? new AudioContext() : null;
    this.timer = null;
    this.onchange = () => {};
    this.sound?.addEventListener("statechange", () => this.onchange());
  }

  isAudible() { return this.sound?.state === "running"; }

  // a browser that blocks sound leaves this pending until a person touches the page
  unlock() {
    const waits = new Promise((done) => { setTimeout(done, 300); });
    return Promise.race([this.sound?.resume().catch(() => {}) ?? waits, waits]);
  }

  ring(isOn) {
    if (!isOn) { clearInterval(this.timer); this.timer = null; return; }
    if (this.timer) return;
    this.play();
    this.timer = setInterval(() => this.play(), EVERY_MS);
  }

  play() {
    if (!this.isAudible()) return;
    for (const [hertz, after] of TONES) {
      const from = this.sound.currentTime + after, to = from + TONE_S;
      const tone = this.sound.createOscillator(), volume = this.sound.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
      volume.gain.setValueAtTime(LOUDNESS, to - 0.03);
      volume.gain.linearRampToValueAtTime(0, to);
      tone.connect(volume).connect(this.sound.destination);
      tone.start(from);
      tone.stop(to);
    }
  }
}
