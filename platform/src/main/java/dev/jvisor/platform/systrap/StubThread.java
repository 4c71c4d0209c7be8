// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

/**
 * A thread of a stub process that runs guest code.
 *
 * @param tid its host id
 * @param slot offset of its {@link Block} in the context file
 */
record StubThread(int tid, long slot) {}
