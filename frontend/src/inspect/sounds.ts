// Short signals without any file: two that nobody confuses, and a low one for a photo without a verdict.
export type Signal = "ANOMALY" | "REVIEW" | "NONE";
type Tone = readonly [hertz: number, start: number, seconds: number];

const SETTING = "station-sound";
const SIGNALS: Record<Signal, { shape: OscillatorType; volume: number; tones: readonly Tone[] }> = {
  ANOMALY: { shape: "square", volume: 0.25, tones: [[988, 0, 0.14], [988, 0.2, 0.14], [988, 0.4, 0.3]] },
  REVIEW: { shape: "sine", volume: 0.5, tones: [[523, 0, 0.18], [784, 0.2, 0.3]] },
  NONE: { shape: "triangle", volume: 0.5, tones: [[196, 0, 0.45]] },
};

export class Sounds {
  private context: AudioContext | null = null;

  constructor(private readonly changed: () => void) {
    // Browsers let nothing sound before somebody has touched the page.
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.start(), { capture: true });
  }

  get muted(): boolean {
    return localStorage.getItem(SETTING) === "off";
  }

  /** Whether the browser lets it sound. */
  get ready(): boolean {
    return this.context !== null;
  }

  mute(muted: boolean): void {
    localStorage.setItem(SETTING, muted ? "off" : "on");
    if (!muted) this.play("REVIEW");
    this.changed();
  }

  play(signal: Signal): void {
    const context = this.context;
    if (!context || this.muted) return;
    // A phone's camera, for one, suspends what sounds.
    void context.resume();
    const { shape, volume, tones } = SIGNALS[signal];
    for (const [hertz, start, seconds] of tones) sound(context, shape, volume, hertz, context.currentTime + start, seconds);
  }

  private start(): void {
    if (this.context) return;
    this.context = new AudioContext();
    this.changed();
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
