/** A place on the earth, in degrees. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_RADIUS_KM = 6371.0088;

/**
 * The distance by which `pickclosest` compares candidates, in square degrees, to the last bit: no correction for latitude,
 * and a difference in longitude is wrapped at the date line only where the client is the eastern one. So a client at
 * −171° takes New York for nearer than 178°. Holds for 4.7 to 5.1.
 */
export function degreesSquared(client: Coordinates, candidate: Coordinates): number {
  const latitude = client.latitude - candidate.latitude;
  let longitude = client.longitude - candidate.longitude;
  if (longitude > 180) longitude = 360 - longitude;
  return latitude * latitude + longitude * longitude;
}

/** The distance on the surface of a sphere of the earth's mean radius: what people mean by "closest". */
export function greatCircleKm(a: Coordinates, b: Coordinates): number {
  const haversine =
    halfChordSquared(a.latitude - b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * halfChordSquared(a.longitude - b.longitude);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

function halfChordSquared(degrees: number): number {
  return Math.sin(radians(degrees) / 2) ** 2;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
