// Sentences put together from facts. Not its business: keeping them (zh-CN.json, en.json).
import { maybe, t } from '../../lib/i18n/index.svelte';
import type { Obstacle } from './decision';

/** pdf.js says why in English only; what we found ourselves has words of its own. */
export function warningWords(warnings: readonly string[]): string {
  const [first = ''] = warnings.filter((text) => text !== '');
  if (first === '') return t('review.warned-before');
  const [code = '', value = ''] = first.split(' ', 2);
  return maybe(`review.trouble-${code}`, { value }) ?? t('review.warned', { text: first });
}

export function obstacleWords(obstacle: Obstacle): string {
  switch (obstacle.why) {
    case 'unseen':
    case 'unrelied': {
      const [first = 1] = obstacle.pages;
      return t(`review.obstacle-${obstacle.why}`, { n: obstacle.pages.length, first });
    }
    case 'findings':
      return t('review.obstacle-findings', { n: obstacle.left });
    default:
      return maybe(`review.obstacle-${obstacle.why}`) ?? obstacle.why;
  }
}
