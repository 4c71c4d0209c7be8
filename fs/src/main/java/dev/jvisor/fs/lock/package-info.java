// SPDX-License-Identifier: Apache-2.0
/**
 * Advisory file locks: flock(2), and record locks of fcntl(2) owned by an open file table (POSIX)
 * or by a description (OFD).
 */
@NullMarked
package dev.jvisor.fs.lock;

import org.jspecify.annotations.NullMarked;
