//! leyden beside the crates beneath it and beside Python: each file here is a bench, `support` is what they share.
