// SPDX-License-Identifier: Apache-2.0
/** How to wait: queues that files notify and tasks sleep on. */
@NullMarked
package dev.jvisor.fs.wait;

import org.jspecify.annotations.NullMarked;
