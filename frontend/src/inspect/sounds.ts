// Short signals without any file: two that nobody confuses, and a low one for a photo without a verdict.
export type Signal = "ANOMALY" | "REVIEW" | "NONE";
type Tone = readonly [hertz: number, start: number, seconds: number];

const SETTING = "station-sound";
const SIGNALS: Record<Signal, { shape: OscillatorType; volume: number; tones: readonly Tone[] }> = {
  ANOMALY: { shape: "square", volume: 0.25, tones: [[988, 0, 0.14], [988, 0.2, 0.14], [988, 0.4, 0.3]] },
  REVIEW: { shape: "sine", volume: 0.5, tones: [[523, 0, 0.18], [784, 0.2, 0.3]] },
  NONE: { shape: "triangle", volume: 0.5, tones: [[196, 0, 0.45]] },
};

// A signal that could not sound at once is not made up for: it would be taken for that of a later photo.
const LATE = 1000;

export class Sounds {
  // Browsers let nothing sound before somebody has touched the page, unless a kiosk is set up for it.
  private readonly context = new AudioContext();

  constructor(changed: () => void) {
    this.context.addEventListener("statechange", changed);
    for (const gesture of ["pointerdown", "keydown"]) {
      addEventListener(gesture, () => this.ready || void this.context.resume(), { capture: true });
    }
  }

  get muted(): boolean {
    return localStorage.getItem(SETTING) === "off";
  }

  /** Whether the browser lets it sound. */
  get ready(): boolean {
    return this.context.state === "running";
  }

  mute(muted: boolean): void {
    localStorage.setItem(SETTING, muted ? "off" : "on");
    this.play("REVIEW");
  }

  play(signal: Signal): void {
    if (this.muted) return;
    const asked = performance.now();
    // A phone's camera, for one, suspends what sounds.
    void this.context.resume().then(() => performance.now() - asked < LATE && this.sound(signal));
  }

  private sound(signal: Signal): void {
    const { shape, volume, tones } = SIGNALS[signal];
    const now = this.context.currentTime;
    for (const [hertz, start, seconds] of tones) sound(this.context, shape, volume, hertz, now + start, seconds);
  }
}

function sound(context: AudioContext, shape: OscillatorType, volume: number, hertz: number, at: number, seconds: number): void {
  const tone = new OscillatorNode(context, { type: shape, frequency: hertz });
  const loudness = new GainNode(context, { gain: 0 });
  // A tone that starts or stops at once clicks.
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(volume, at + 0.01);
  loudness.gain.setValueAtTime(volume, at + seconds - 0.03);
  loudness.gain.linearRampToValueAtTime(0, at + seconds);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
