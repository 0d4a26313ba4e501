// A camera of this device, live on the page: what it sees is seen, and a key takes the photo. Only where the
// browser allows it, that is over HTTPS or on this machine; elsewhere the file field with `capture` serves.
const SETTING = "station-camera";
// As fine as the camera can: a small defect is a few pixels.
const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } };
const WHY: Record<string, string> = {
  NotAllowedError: "The camera is not allowed for this page. Allow it in the browser's settings for this site.",
  NotFoundError: "No camera was found on this device.",
  NotReadableError: "The camera is in use by another program. Close that and try again.",
};

export class Camera {
  private stream: MediaStream | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly button: HTMLElement,
    private readonly changed: (problem: string) => void,
  ) {
    button.hidden = !navigator.mediaDevices;
    button.addEventListener("click", () => void (this.live ? this.stop() : this.start()));
    if (!button.hidden && localStorage.getItem(SETTING) === "on") void this.start();
  }

  get live(): boolean {
    return this.stream !== null;
  }

  /** What it sees now, as a file; null before the first picture has come. */
  async photo(): Promise<File | null> {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width) return null;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
    const taken = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
    return new File([taken], `camera ${time}.jpg`, { type: "image/jpeg" });
  }

  private async start(): Promise<void> {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: WANTED });
    } catch (problem) {
      const { name } = problem as Error;
      return this.show(WHY[name] ?? `The camera does not start (${name}).`);
    }
    for (const track of this.stream.getTracks()) {
      track.addEventListener("ended", () => this.stop("The camera was disconnected."));
    }
    this.video.srcObject = this.stream;
    localStorage.setItem(SETTING, "on");
    this.show("");
  }

  private stop(problem = ""): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    if (!problem) localStorage.setItem(SETTING, "off");
    this.show(problem);
  }

  private show(problem: string): void {
    this.video.hidden = !this.live;
    this.button.setAttribute("aria-pressed", String(this.live));
    this.changed(problem);
  }
}
