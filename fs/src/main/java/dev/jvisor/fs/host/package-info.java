// SPDX-License-Identifier: Apache-2.0
/**
 * Host descriptors in the sandbox: the standard streams that the user passed in, and the transfers
 * between guest memory and any donated descriptor.
 *
 * <p>Nothing here opens a host file: {@code runsc} or the gofer did. A descriptor of the user's is
 * shared with programs outside, so its flags and offset are never changed but by what the guest
 * does, and no task ever blocks in a host call on it: {@link dev.jvisor.fs.host.HostPoller} tells
 * when to try again.
 */
@NullMarked
package dev.jvisor.fs.host;

import org.jspecify.annotations.NullMarked;
