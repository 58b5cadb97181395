import {
  flagShape,
  segmentRecord,
  toWire,
  type FlagRecord,
  type FlagStatus,
  type FlagView,
  type SegmentRecord,
  type SegmentView,
  type WireOf,
} from '@waygate/core';

// Flags and segments as they stand on the wire (wire contract, §3, §10): their schemas say how.

interface Revised {
  readonly revision: number;
}

export type FlagWire = Omit<WireOf<FlagRecord>, 'status'> & Revised & { readonly status: FlagStatus };
export type SegmentWire = WireOf<SegmentRecord> & Revised;

export function flagWire(flag: FlagView): FlagWire {
  return { ...toWire(flagShape, flag), status: flag.status, revision: flag.revision };
}

export function segmentWire(segment: SegmentView): SegmentWire {
  return { ...toWire(segmentRecord, segment), revision: segment.revision };
}
