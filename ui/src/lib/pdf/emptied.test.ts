import { describe, expect, it } from 'vitest';
import { emptied, emptiedText } from './emptied';

function layer(inner: string): HTMLElement {
  const made = document.createElement('div');
  made.innerHTML = inner;
  return made;
}

describe('what a page held', () => {
  it('is given back by its canvas', () => {
    const canvas = document.createElement('canvas');
    emptied(canvas);
    expect([canvas.width, canvas.height]).toEqual([0, 0]);
    emptied(undefined);
  });

  const piece = '<span style="left: 1%; --scale-x: 1.1" role="presentation">the parties</span>';
  it.each([
    ['pieces', `${piece}<br role="presentation">${piece}`, 2],
    [
      'pieces within marks',
      `<span class="markedContent">${piece}<span class="markedContent">${piece}</span></span>`,
      2,
    ],
    ['nothing', '', 0],
  ])('is given back by a layer of %s', (_, inner, count) => {
    const text = layer(inner);
    const pieces = [...text.querySelectorAll<HTMLElement>('[style]')];
    expect(pieces).toHaveLength(count);
    emptiedText(text);
    expect(text.childNodes).toHaveLength(0);
    for (const each of pieces) {
      expect(each.childNodes).toHaveLength(0);
      expect(each.getAttribute('style')).toBeNull();
    }
  });
});
