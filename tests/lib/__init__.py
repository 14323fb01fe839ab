# SPDX-License-Identifier: Apache-2.0
"""What the integration tests stand on: real peers, images, a scripted hostile registry.

Standard library and pytest only. Everything here listens on loopback, has a time limit, and is
gone when the test that started it is.
"""
