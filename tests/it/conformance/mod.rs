//! One file a battery: every case is a function over the handle, run as a named test on the mock and on the machine.
