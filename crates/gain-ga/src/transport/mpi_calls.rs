//! MPI's return codes as errors, and the few questions that every part of the transport asks.
#![expect(unsafe_code, reason = "calls of MPI's C interface")]

use std::ffi::c_int;

use mpi::ffi;

use crate::error::Error;

/// Makes one call of MPI and turns its return code into a result.
#[inline]
pub(super) fn call(function: &'static str, call: impl FnOnce() -> c_int) -> Result<(), Error> {
    let code = call();
    if code == ffi::MPI_SUCCESS as c_int {
        Ok(())
    } else {
        Err(failure(function, code))
    }
}

/// The error of a return code, in MPI's words.
#[cold]
pub(super) fn failure(function: &'static str, code: c_int) -> Error {
    let mut text = vec![0u8; ffi::MPI_MAX_ERROR_STRING as usize + 1];
    let mut len: c_int = 0;
    // SAFETY: the buffer is as long as MPI's longest error string.
    let known = unsafe { ffi::MPI_Error_string(code, text.as_mut_ptr().cast(), &mut len) }
        == ffi::MPI_SUCCESS as c_int;
    text.truncate(if known { len as usize } else { 0 });
    Error::Mpi {
        function,
        code,
        text: String::from_utf8_lossy(&text).trim().to_owned(),
    }
}

/// Whether a return code says that a message was longer than the buffer awaiting it.
pub(super) fn is_truncation(code: c_int) -> bool {
    let mut class = code;
    // SAFETY: any return code may be asked for its class.
    unsafe { ffi::MPI_Error_class(code, &mut class) };
    class == ffi::MPI_ERR_TRUNCATE as c_int
}

/// This process's rank in a communicator.
pub(super) fn comm_rank(comm: ffi::MPI_Comm) -> Result<usize, Error> {
    let mut rank: c_int = 0;
    // SAFETY: the transport only holds live communicators.
    call("MPI_Comm_rank", || unsafe {
        ffi::MPI_Comm_rank(comm, &mut rank)
    })?;
    Ok(rank as usize)
}

/// Number of processes of a communicator.
pub(super) fn comm_size(comm: ffi::MPI_Comm) -> Result<usize, Error> {
    let mut size: c_int = 0;
    // SAFETY: the transport only holds live communicators.
    call("MPI_Comm_size", || unsafe {
        ffi::MPI_Comm_size(comm, &mut size)
    })?;
    Ok(size as usize)
}

/// Every process's words, in the order of their ranks. Collective over the communicator.
pub(super) fn all_gather<const N: usize>(
    comm: ffi::MPI_Comm,
    words: [u64; N],
) -> Result<Vec<[u64; N]>, Error> {
    let mut all = vec![[0u64; N]; comm_size(comm)?];
    let count = N as c_int;
    // SAFETY: `N` words are sent from `words`, and `N` per process received into `all`.
    call("MPI_Allgather", || unsafe {
        let (from, to) = (words.as_ptr(), all.as_mut_ptr());
        ffi::MPI_Allgather(
            from.cast(),
            count,
            ffi::RSMPI_UINT64_T,
            to.cast(),
            count,
            ffi::RSMPI_UINT64_T,
            comm,
        )
    })?;
    Ok(all)
}

/// The smallest of all processes' words. Collective over the communicator.
pub(super) fn minimum(comm: ffi::MPI_Comm, word: u64) -> Result<u64, Error> {
    Ok(all_gather(comm, [word])?
        .iter()
        .map(|[word]| *word)
        .min()
        .unwrap_or(word))
}
