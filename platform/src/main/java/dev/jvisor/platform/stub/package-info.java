// SPDX-License-Identifier: Apache-2.0
/**
 * What platforms share that hold guest address spaces in host processes (stubs): the queue of
 * mapping changes, the lists that stubs execute, and the descriptors that were donated to them.
 *
 * <p>Lock order: {@link dev.jvisor.platform.stub.StubAddressSpace#lock}, then
 * {@link dev.jvisor.platform.stub.StubFiles}.
 */
@NullMarked
package dev.jvisor.platform.stub;

import org.jspecify.annotations.NullMarked;
