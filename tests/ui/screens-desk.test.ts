// Desk, review, settings and about in every state.
import { examineScreens } from './examine';

examineScreens('desk', ['desk', 'review', 'settings', 'about']);
