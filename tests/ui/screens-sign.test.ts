// Sign, receipt and verify in every state.
import { examineScreens } from './examine';

examineScreens('sign', ['sign', 'receipt', 'verify']);
