// pdf.js in a module worker of our own, because what it warns of would otherwise end in the worker's console unseen.
// The order matters: the console is taken over before pdf.js is loaded.
import './worker-console';
import './streams';
import 'pdfjs-dist/build/pdf.worker.min.mjs';
