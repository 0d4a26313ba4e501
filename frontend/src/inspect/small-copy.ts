// A small copy of a photo, by which the server says what it shows: the photo itself is sent only once.
const SIDE = 96; // detection/photos/view.py

export interface SmallCopy {
  pixels: string;
  aspect: number;
}

/** null for what this browser cannot show. */
export async function smallCopy(file: File): Promise<SmallCopy | null> {
  try {
    // Embedded colour profiles are not applied: the server does not either.
    const photo = await createImageBitmap(file, { colorSpaceConversion: "none" });
    const small = await createImageBitmap(photo, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: "high" });
    const aspect = photo.width / photo.height;
    photo.close();
    return { pixels: encoded(small), aspect };
  } catch {
    return null;
  }
}

function encoded(small: ImageBitmap): string {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const drawing = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  drawing.fillStyle = "white"; // behind transparent parts
  drawing.fillRect(0, 0, SIDE, SIDE);
  drawing.drawImage(small, 0, 0);
  small.close();
  const { data } = drawing.getImageData(0, 0, SIDE, SIDE);
  let bytes = "";
  for (let at = 0; at < data.length; at += 4) bytes += String.fromCharCode(...data.subarray(at, at + 3));
  return btoa(bytes);
}
