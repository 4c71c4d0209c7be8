// SPDX-License-Identifier: Apache-2.0
/** Waiting for several files: poll(2), select(2), epoll(7), eventfd(2). */
@NullMarked
package dev.jvisor.syscalls.handlers.poll;

import org.jspecify.annotations.NullMarked;
