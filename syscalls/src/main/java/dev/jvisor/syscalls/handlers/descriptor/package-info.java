// SPDX-License-Identifier: Apache-2.0
/** Descriptors: close(2), dup(2), fcntl(2), flock(2), ioctl(2), pipe(2). */
@NullMarked
package dev.jvisor.syscalls.handlers.descriptor;

import org.jspecify.annotations.NullMarked;
