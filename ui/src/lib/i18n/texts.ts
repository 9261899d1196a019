// All texts of both languages in one table each. A screen's own texts stand in its folder; its keys begin with its name.
import aboutEn from '../../screens/about/en.json';
import aboutZh from '../../screens/about/zh-CN.json';
import deskEn from '../../screens/desk/en.json';
import deskZh from '../../screens/desk/zh-CN.json';
import receiptEn from '../../screens/receipt/en.json';
import receiptZh from '../../screens/receipt/zh-CN.json';
import reviewEn from '../../screens/review/en.json';
import reviewZh from '../../screens/review/zh-CN.json';
import settingsEn from '../../screens/settings/en.json';
import settingsZh from '../../screens/settings/zh-CN.json';
import signEn from '../../screens/sign/en.json';
import signZh from '../../screens/sign/zh-CN.json';
import verifyEn from '../../screens/verify/en.json';
import verifyZh from '../../screens/verify/zh-CN.json';
import commonEn from '../text/en.json';
import commonZh from '../text/zh-CN.json';
import faultsEn from '../text/faults.en.json';
import faultsZh from '../text/faults.zh-CN.json';
import findingsEn from '../text/findings.en.json';
import findingsZh from '../text/findings.zh-CN.json';

const zh = {
  ...commonZh,
  ...faultsZh,
  ...findingsZh,
  ...aboutZh,
  ...deskZh,
  ...receiptZh,
  ...reviewZh,
  ...settingsZh,
  ...signZh,
  ...verifyZh,
};
const en = {
  ...commonEn,
  ...faultsEn,
  ...findingsEn,
  ...aboutEn,
  ...deskEn,
  ...receiptEn,
  ...reviewEn,
  ...settingsEn,
  ...signEn,
  ...verifyEn,
};

export type Lang = 'zh-CN' | 'en';
export type Key = keyof typeof zh & string;

export const texts: Record<Lang, Readonly<Record<string, string>>> = { 'zh-CN': zh, en };
