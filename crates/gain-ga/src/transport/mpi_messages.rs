//! Messages as MPI requests.
//!
//! # Rationale
//! Receives of known length are posted at once, so that a large message goes straight into its buffer. A message above
//! 1 GiB goes in several MPI messages, whose order MPI keeps, because MPI counts in 32 bits.
#![expect(unsafe_code, reason = "calls of MPI's C interface")]

use std::cell::RefCell;
use std::ffi::c_int;
use std::rc::Rc;

use mpi::ffi;
use smallvec::SmallVec;

use super::mpi_calls::{call, failure, is_truncation};
use super::store::Store;
use super::{Message, Receiving, Sending};
use crate::error::Error;
use crate::memory::Buffer;
use crate::position::Header;

/// The longest MPI message.
const CHUNK: usize = 1 << 30;
/// Room that is awaited at least, so that a short message that was not meant is told apart by its header, not by its length.
const LEAST_ROOM: usize = 4096;
/// The tag of messages between nodes: their order alone tells them apart, so that a wrong one is seen.
pub(super) const TAG: c_int = 7;
/// The tag of messages within a node that staging memory has no room for.
pub(super) const BULK_TAG: c_int = 8;
/// A tag that no message has. Looking for one makes MPI work on everything else; a look that finds a message returns
/// at once, without that.
const NEVER_TAG: c_int = 9;

/// What the messages of one team share.
pub(super) struct Messages {
    pub comm: ffi::MPI_Comm,
    /// Requests whose owners have gone; kept until MPI is done with their buffers.
    pub abandoned: RefCell<Vec<Requests>>,
}

impl Messages {
    /// Lets MPI work on what other ranks wait for.
    pub(super) fn progress(&self) -> Result<(), Error> {
        self.progress_abandoned()?;
        let mut found: c_int = 0;
        // SAFETY: the communicator is live.
        call("MPI_Iprobe", || unsafe {
            let (any, ignore) = (ffi::RSMPI_ANY_SOURCE, ffi::RSMPI_STATUS_IGNORE);
            ffi::MPI_Iprobe(any, NEVER_TAG, self.comm, &mut found, ignore)
        })
    }

    /// Lets go of the abandoned requests that are through.
    pub(super) fn progress_abandoned(&self) -> Result<(), Error> {
        let mut abandoned = self.abandoned.borrow_mut();
        let mut i = 0;
        while i < abandoned.len() {
            if abandoned[i].test()? {
                abandoned.swap_remove(i);
            } else {
                i += 1;
            }
        }
        Ok(())
    }
}

/// The MPI requests of one message, with its buffer.
#[derive(Default)]
pub(super) struct Requests {
    pending: SmallVec<[ffi::MPI_Request; 1]>,
    store: Option<Store>,
    /// Bytes that the receives so far completed have brought; `usize::MAX` once one was truncated.
    bytes: usize,
}

impl Requests {
    /// Whether all requests are complete.
    fn test(&mut self) -> Result<bool, Error> {
        // In order, so that a request is asked at most once too often.
        while let Some(request) = self.pending.first_mut() {
            let mut done: c_int = 0;
            let mut status = std::mem::MaybeUninit::<ffi::MPI_Status>::zeroed();
            // SAFETY: the request is live, and the status is written when it completes.
            let code = unsafe { ffi::MPI_Test(request, &mut done, status.as_mut_ptr()) };
            if code != ffi::MPI_SUCCESS as c_int {
                if !is_truncation(code) {
                    return Err(failure("MPI_Test", code));
                }
                self.bytes = usize::MAX;
            } else if done == 0 {
                return Ok(false);
            } else if self.bytes != usize::MAX {
                let mut count: c_int = 0;
                // SAFETY: MPI_Test has completed the request and written the status.
                call("MPI_Get_count", || unsafe {
                    ffi::MPI_Get_count(status.as_ptr(), ffi::RSMPI_UINT8_T, &mut count)
                })?;
                self.bytes += count.max(0) as usize;
            }
            self.pending.remove(0);
        }
        Ok(true)
    }
}

/// Keeps requests that are not complete until they are.
fn abandon(messages: &Messages, requests: &mut Requests) {
    if !requests.pending.is_empty() {
        messages
            .abandoned
            .borrow_mut()
            .push(std::mem::take(requests));
    }
}

/// A message that MPI is sending.
pub(super) struct Outbound {
    messages: Rc<Messages>,
    requests: Requests,
}

impl Outbound {
    pub(super) fn start(
        messages: &Rc<Messages>,
        to: usize,
        tag: c_int,
        message: Message,
    ) -> Result<Outbound, Error> {
        let mut outbound = Outbound {
            messages: Rc::clone(messages),
            requests: Requests::default(),
        };
        let start = message.store.as_slice().as_ptr();
        outbound.requests.store = Some(message.store);
        for at in (0..message.bytes).step_by(CHUNK) {
            let count = CHUNK.min(message.bytes - at) as c_int;
            // SAFETY: the constant is the library's own.
            let mut request = unsafe { ffi::RSMPI_REQUEST_NULL };
            // SAFETY: the chunk lies in the buffer, which `requests` keeps, unchanged, until MPI is done with it.
            call("MPI_Isend", || unsafe {
                ffi::MPI_Isend(
                    start.add(at).cast(),
                    count,
                    ffi::RSMPI_UINT8_T,
                    to as c_int,
                    tag,
                    messages.comm,
                    &mut request,
                )
            })?;
            outbound.requests.pending.push(request);
        }
        Ok(outbound)
    }
}

impl Sending for Outbound {
    fn test(&mut self) -> Result<bool, Error> {
        self.requests.test()
    }
}

impl Drop for Outbound {
    fn drop(&mut self) {
        abandon(&self.messages, &mut self.requests);
    }
}

/// A message that MPI is receiving.
pub(super) struct Inbound {
    messages: Rc<Messages>,
    from: usize,
    tag: c_int,
    /// The length awaited; `None` until a message of unknown length has shown itself.
    bytes: Option<usize>,
    requests: Requests,
}

impl Inbound {
    pub(super) fn start(
        messages: &Rc<Messages>,
        from: usize,
        tag: c_int,
        bytes: Option<usize>,
    ) -> Result<Inbound, Error> {
        let mut inbound = Inbound {
            messages: Rc::clone(messages),
            from,
            tag,
            bytes,
            requests: Requests::default(),
        };
        if let Some(bytes) = bytes {
            let room = bytes.max(LEAST_ROOM);
            let mut buffer = Buffer::new(room)?;
            // What an earlier message left here must not be taken for a header.
            buffer.as_mut_slice()[..8].fill(0);
            inbound.requests.store = Some(Store::Private(buffer));
            inbound.post(0, room)?;
        }
        Ok(inbound)
    }

    /// Posts receives into the buffer from byte `first` to byte `end`.
    fn post(&mut self, first: usize, end: usize) -> Result<(), Error> {
        let start = self
            .requests
            .store
            .as_mut()
            .expect("a receive has its buffer")
            .as_mut_slice()
            .as_mut_ptr();
        for at in (first..end).step_by(CHUNK) {
            let count = CHUNK.min(end - at) as c_int;
            // SAFETY: the constant is the library's own.
            let mut request = unsafe { ffi::RSMPI_REQUEST_NULL };
            // SAFETY: the chunk lies in the buffer, which `requests` keeps, untouched, until MPI is done with it.
            call("MPI_Irecv", || unsafe {
                ffi::MPI_Irecv(
                    start.add(at).cast(),
                    count,
                    ffi::RSMPI_UINT8_T,
                    self.from as c_int,
                    self.tag,
                    self.messages.comm,
                    &mut request,
                )
            })?;
            self.requests.pending.push(request);
        }
        Ok(())
    }

    /// Looks for a message of unknown length and begins to receive its first chunk.
    fn probe(&mut self) -> Result<bool, Error> {
        let mut found: c_int = 0;
        // SAFETY: the constants are the library's own; both are overwritten when a message is found.
        let (mut message, mut request) =
            unsafe { (ffi::RSMPI_MESSAGE_NULL, ffi::RSMPI_REQUEST_NULL) };
        let mut status = std::mem::MaybeUninit::<ffi::MPI_Status>::zeroed();
        // SAFETY: the communicator is live; message and status are written when `found` is.
        call("MPI_Improbe", || unsafe {
            ffi::MPI_Improbe(
                self.from as c_int,
                self.tag,
                self.messages.comm,
                &mut found,
                &mut message,
                status.as_mut_ptr(),
            )
        })?;
        if found == 0 {
            return Ok(false);
        }
        let mut count: c_int = 0;
        // SAFETY: a message was found, so that the status is written.
        call("MPI_Get_count", || unsafe {
            ffi::MPI_Get_count(status.as_ptr(), ffi::RSMPI_UINT8_T, &mut count)
        })?;
        let mut buffer = Buffer::new(count.max(8) as usize)?;
        let start = buffer.as_mut_ptr();
        self.requests.store = Some(Store::Private(buffer));
        self.bytes = Some(count as usize);
        // SAFETY: `count` bytes fit the buffer, which `requests` keeps until MPI is done with it.
        call("MPI_Imrecv", || unsafe {
            ffi::MPI_Imrecv(
                start.cast(),
                count,
                ffi::RSMPI_UINT8_T,
                &mut message,
                &mut request,
            )
        })?;
        self.requests.pending.push(request);
        Ok(true)
    }

    /// Receives what follows a first chunk of a message of unknown length; whether anything does.
    fn follow(&mut self) -> Result<bool, Error> {
        if self.bytes != Some(CHUNK) || self.requests.bytes != CHUNK {
            return Ok(false);
        }
        let Some(first) = &self.requests.store else {
            return Ok(false);
        };
        let total = Header::read(first.as_slice()).map_or(CHUNK, |header| header.bytes());
        if total <= CHUNK || first.len() >= total {
            return Ok(false);
        }
        let mut whole = Buffer::new(total)?;
        whole.as_mut_slice()[..CHUNK].copy_from_slice(&first.as_slice()[..CHUNK]);
        self.requests.store = Some(Store::Private(whole));
        self.bytes = Some(total);
        self.post(CHUNK, total)?;
        Ok(true)
    }
}

impl Receiving for Inbound {
    fn test(&mut self) -> Result<Option<Message>, Error> {
        if self.bytes.is_none() && !self.probe()? {
            return Ok(None);
        }
        if !self.requests.test()? || self.follow()? {
            return Ok(None);
        }
        let bytes = self.requests.bytes;
        Ok(self
            .requests
            .store
            .take()
            .map(|store| Message { store, bytes }))
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        abandon(&self.messages, &mut self.requests);
    }
}
