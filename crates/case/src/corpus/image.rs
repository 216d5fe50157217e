//! `image`: a greyscale bitmap of hills in grainy light.

use super::noise::Noise;

const SIDE: usize = 512;
/// File header, information header and a palette of 256 greys.
const HEADER: usize = 14 + 40 + 256 * 4;
/// Shapes are interpolated between random heights on this grid.
const CELL: u8 = 64;
const GRID: usize = SIDE / CELL as usize + 1;
/// Film grain, in grey levels to either side.
const GRAIN: u32 = 7;

/// 512 rows of 512 pixels: smooth shapes, so that rows resemble their neighbours, under grain that leaves few
/// repeats to find and nearly none within one row.
pub(super) fn make() -> Vec<u8> {
    let mut noise = Noise::new(0x696D_6167);
    let mut out = Vec::with_capacity(HEADER + SIDE * SIDE);
    header(&mut out);
    let heights: Vec<i32> = (0..GRID * GRID)
        .map(|_| 22 + i32::from(noise.below(212) as u8))
        .collect();
    let cell = usize::from(CELL);
    for y in 0..SIDE {
        let (row, dy) = (y / cell, (y % cell) as u8);
        for x in 0..SIDE {
            let (column, dx) = (x / cell, (x % cell) as u8);
            let at = row * GRID + column;
            let upper = blend(heights[at], heights[at + 1], dx);
            let lower = blend(heights[at + GRID], heights[at + GRID + 1], dx);
            let shape = blend(upper, lower, dy);
            let bits = noise.next();
            let grain = (((bits & 0xFFFF_FFFF) * u64::from(GRAIN)) >> 32) as i32
                - (((bits >> 32) * u64::from(GRAIN)) >> 32) as i32;
            out.push((shape + grain).clamp(0, 255) as u8);
        }
    }
    out
}

/// `step` of [`CELL`] from `from` to `to`.
fn blend(from: i32, to: i32, step: u8) -> i32 {
    from + (to - from) * i32::from(step) / i32::from(CELL)
}

fn header(out: &mut Vec<u8>) {
    out.extend_from_slice(b"BM");
    for field in [
        (HEADER + SIDE * SIDE) as u32,
        0,
        HEADER as u32,
        40,
        SIDE as u32,
        SIDE as u32,
    ] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    // One plane, eight bits per pixel.
    out.extend_from_slice(&[1, 0, 8, 0]);
    for field in [0, (SIDE * SIDE) as u32, 2835, 2835, 256, 0] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    for grey in 0..=255 {
        out.extend_from_slice(&[grey, grey, grey, 0]);
    }
}
