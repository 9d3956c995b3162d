// SPDX-License-Identifier: Apache-2.0
/// \file Which actor of a replica takes which messages. Handlers stand in the order of how often
/// they are called: CAF tries one after the other, and each that does not fit costs a comparison of
/// names.
#pragma once

#include "actors/messages.hpp"

#include <caf/all.hpp>

namespace atomix::actors {

/// First message to each: who the others are.
struct colleagues;

using log_writer_actor = caf::typed_actor<
    caf::reacts_to<colleagues>,
    caf::reacts_to<save_order>,
    caf::reacts_to<load_order>,
    caf::reacts_to<write_done>,
    caf::reacts_to<prepare_done>>;
using peers_actor = caf::typed_actor<
    caf::reacts_to<colleagues>,
    caf::reacts_to<outbox>,
    caf::reacts_to<redial_due>,
    caf::reacts_to<connection_opened>,
    caf::reacts_to<inbound>,
    caf::reacts_to<connection_closed>>;
using resource_actor =
    caf::typed_actor<caf::reacts_to<resource_work>, caf::reacts_to<resource_queries>>;
using gateway_actor = caf::typed_actor<
    caf::reacts_to<colleagues>,
    caf::reacts_to<connection_opened>,
    caf::reacts_to<inbound>,
    caf::reacts_to<connection_closed>,
    caf::reacts_to<leadership>,
    caf::reacts_to<read_granted>,
    caf::reacts_to<applied_output>,
    caf::reacts_to<query_answers>,
    caf::reacts_to<turn_ends>>;
using applier_actor = caf::typed_actor<
    caf::reacts_to<colleagues>,
    caf::reacts_to<committed_entries>,
    caf::reacts_to<resource_results>,
    caf::reacts_to<query_orders>,
    caf::reacts_to<asker_gone>,
    caf::reacts_to<resume_session>,
    caf::reacts_to<leadership>,
    caf::replies_to<view_request>::with<applier_view>>;
using node_actor = caf::typed_actor<
    caf::reacts_to<colleagues>,
    caf::reacts_to<peer_messages>,
    caf::reacts_to<proposals>,
    caf::reacts_to<read_request>,
    caf::reacts_to<log_saved>,
    caf::reacts_to<log_loaded>,
    caf::reacts_to<log_failed>,
    caf::reacts_to<applied_upto>,
    caf::reacts_to<peer_down>,
    caf::reacts_to<tick_due>,
    caf::reacts_to<turn_ends>,
    caf::replies_to<view_request>::with<node_view>>;

struct colleagues {
  node_actor node;
  log_writer_actor log_writer;
  peers_actor peers;
  gateway_actor gateway;
  applier_actor applier;
};

}  // namespace atomix::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::peer_messages)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::proposals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::read_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::log_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::log_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::log_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::applied_upto)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::peer_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::tick_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::turn_ends)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::save_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::load_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::write_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::prepare_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::colleagues)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::outbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::redial_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::connection_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::inbound)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::connection_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::leadership)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::read_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::applied_output)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::query_answers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::committed_entries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::resource_results)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::query_orders)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::asker_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::resume_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::resource_work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::resource_queries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::view_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::node_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(atomix::actors::applier_view)
